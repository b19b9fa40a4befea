/** The worker of a {@linkcode WorkerParser}: parses one text, and sends the result in slices. */

import { InvalidTextError } from "../config/invalid_text_error.ts";
import { parseText } from "../config/parse.ts";
import { ConfigurationError } from "../config/problem.ts";
import { ListError } from "../lists/list_error.ts";
import { parseList } from "../lists/parse_list.ts";
import { placesOf } from "../config/yaml_positions.ts";
import type { ParseReply, ParseRequest } from "./messages.ts";

let items: readonly unknown[] = [];

function answer(request: ParseRequest): ParseReply {
  switch (request.type) {
    case "configuration": {
      const { targets, ...head } = parseText(request.text, request.variables);
      items = targets;
      return { type: "parsed", head, items: items.length };
    }
    case "places":
      return { type: "places", places: placesOf(request.text, request.paths) };
    case "list":
      items = parseList(request.text, request.format);
      return { type: "parsed", head: undefined, items: items.length };
    case "slice":
      return { type: "slice", json: JSON.stringify(items.slice(request.from, request.to)) };
  }
}

function answerOrError(request: ParseRequest): ParseReply {
  try {
    return answer(request);
  } catch (error) {
    if (error instanceof ConfigurationError) {
      const files = error instanceof InvalidTextError ? error.files : [];
      return { type: "bad-configuration", problems: error.problems, files };
    }
    if (error instanceof ListError) return { type: "bad-list", message: error.message };
    throw error;
  }
}

addEventListener("message", (event) => {
  postMessage(answerOrError((event as MessageEvent<ParseRequest>).data));
});
postMessage({ type: "ready" } satisfies ParseReply);

/** Declared here, because Deno's types are for windows. */
declare function postMessage(reply: ParseReply): void;
