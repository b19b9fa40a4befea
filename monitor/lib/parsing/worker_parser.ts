/** Parser that delays no checks: in slices, or in a worker, because 100,000 targets in YAML take a second. */

import { InvalidTextError } from "../config/invalid_text_error.ts";
import type { ParsedConfiguration } from "../config/parsed_configuration.ts";
import type { Variables } from "../config/variables.ts";
import type { Path, Place } from "../config/yaml_positions.ts";
import { ListError } from "../lists/list_error.ts";
import { type ListFormat, listSteps } from "../lists/parse_list.ts";
import type { MonitorTarget } from "../target.ts";
import type { ParseReply, ParseRequest } from "./messages.ts";
import { LOCAL_PARSER, type Parser } from "./parser.ts";
import { runInTimeSlices } from "../time_slices.ts";

/**
 * Maximum length of texts that are parsed on this thread, in characters. YAML of this length takes a few ms, less than
 * the start of a worker. `JSON.parse()` takes 20 ms; the rest runs in slices.
 */
const SMALL = { yaml: 1 << 15, json: 1 << 22, lines: Infinity } as const;
const MODULE = new URL("./worker.ts", import.meta.url);
/** Number of targets in a slice of the result, which takes about 2 ms. */
const SLICE = 500;

/** Parses each text that is large for its syntax in a new worker, and fetches the result in slices. */
export class WorkerParser implements Parser {
  readonly #onMessage: (message: string) => void;
  #isDenied = false;

  /** @param onMessage Called once, with a message, if no worker can be started, so that this thread parses. */
  constructor(onMessage: (message: string) => void) {
    this.#onMessage = onMessage;
  }

  async configuration(text: string, variables: Variables): Promise<ParsedConfiguration> {
    const parsed = await this.#parse({ type: "configuration", text, variables });
    if (parsed === undefined) return await LOCAL_PARSER.configuration(text, variables);
    return { ...parsed.head as Omit<ParsedConfiguration, "targets">, targets: parsed.items };
  }

  async places(text: string, paths: readonly Path[]): Promise<Place[]> {
    const found = await this.#run(text, "yaml", (worker) => ask(worker, { type: "places", text, paths }, "places"));
    return found === undefined ? await LOCAL_PARSER.places(text, paths) : [...found.places];
  }

  async list(text: string, format: ListFormat): Promise<MonitorTarget[]> {
    const parsed = await this.#parse({ type: "list", text, format });
    return parsed?.items ?? await runInTimeSlices(listSteps(text, format));
  }

  /** Parses in a worker. Returns `undefined` if this thread must parse. */
  #parse(
    request: Extract<ParseRequest, { type: "configuration" | "list" }>,
  ): Promise<{ head: unknown; items: MonitorTarget[] } | undefined> {
    return this.#run(request.text, request.type === "list" ? request.format.syntax : "yaml", async (worker) => {
      const { head, items: count } = await ask(worker, request, "parsed");
      const items: MonitorTarget[] = [];
      while (items.length < count) {
        const slice = { type: "slice", from: items.length, to: items.length + SLICE } as const;
        items.push(...JSON.parse((await ask(worker, slice, "slice")).json) as MonitorTarget[]);
      }
      return { head, items };
    });
  }

  /** Runs a worker for a text. Returns `undefined` if this thread must parse. */
  async #run<Result>(
    text: string,
    syntax: ListFormat["syntax"],
    use: (worker: Worker) => Promise<Result>,
  ): Promise<Result | undefined> {
    if (text.length <= SMALL[syntax] || !this.#mayRun()) return undefined;
    const worker = new Worker(MODULE, { type: "module" });
    try {
      await reply(worker, "ready");
      return await use(worker);
    } finally {
      worker.terminate();
    }
  }

  /** Whether a worker can run. Deno needs permission to read its module, unless it comes from a registry. */
  #mayRun(): boolean {
    if (this.#isDenied) return false;
    if (MODULE.protocol !== "file:") return true;
    this.#isDenied = Deno.permissions.querySync({ name: "read", path: MODULE }).state !== "granted";
    if (this.#isDenied) {
      const path = decodeURIComponent(MODULE.pathname);
      this.#onMessage(`Checks may be late while targets are read: add --allow-read=${path} to parse in a worker`);
    }
    return !this.#isDenied;
  }
}

/** Sends a request, and waits for the reply. */
function ask<Type extends ParseReply["type"]>(worker: Worker, request: ParseRequest, type: Type) {
  worker.postMessage(request);
  return reply(worker, type);
}

/** Waits for a reply. Errors in the text reject as in a local parser. */
async function reply<Type extends ParseReply["type"]>(
  worker: Worker,
  type: Type,
): Promise<Extract<ParseReply, { type: Type }>> {
  const { promise, resolve, reject } = Promise.withResolvers<ParseReply>();
  worker.onmessage = ({ data }: MessageEvent<ParseReply>) => resolve(data);
  worker.onerror = (event) => {
    event.preventDefault();
    reject(new Error(event.message));
  };
  const data = await promise;
  if (data.type === "bad-configuration") throw new InvalidTextError(data.problems, data.files);
  if (data.type === "bad-list") throw new ListError(data.message);
  if (data.type !== type) throw new Error(`Unexpected reply of the parser's worker: ${data.type}`);
  return data as Extract<ParseReply, { type: Type }>;
}
