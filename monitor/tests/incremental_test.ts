/** The incremental parser returns the same as a parser of the whole text. */

import { assert, assertEquals } from "@std/assert";
import type { ParsedConfiguration } from "../lib/config/parsed_configuration.ts";
import { readVariables } from "../lib/config/variables.ts";
import { LOCAL_PARSER, type Parser } from "../lib/parsing/parser.ts";
import { IncrementalParser } from "../lib/parsing/incremental_parser.ts";
import { Random } from "./support/random.ts";

/** Records the texts that it parses. */
class RecordingParser implements Parser {
  readonly places = LOCAL_PARSER.places;
  readonly list = LOCAL_PARSER.list;
  readonly texts: string[] = [];

  configuration(...args: Parameters<Parser["configuration"]>): Promise<ParsedConfiguration> {
    this.texts.push(args[0]);
    return LOCAL_PARSER.configuration(...args);
  }
}

/** Forms of an item of target `n` at an indentation. Some are invalid, and some refer to other items. */
const FORMS: ((n: number, indent: string) => string)[] = [
  (n, indent) => `${indent}- 127.0.0.1:${n}\n`,
  (n, indent) => `${indent}- "127.0.0.1:${n}" # a comment\n`,
  (n, indent) => `${indent}- { target: "127.0.0.1:${n}", group: web, labels: { number: "${n}" } }\n`,
  (n, indent) => `${indent}- target: 127.0.0.1:${n}\n${indent}  labels:\n${indent}    number: "${n}"\n`,
  (n, indent) => `${indent}- target: 127.0.0.1:${n}\n${indent}  labels: { note: "a\n${indent}    - b # c" }\n`,
  (n, indent) => `${indent}- target: 127.0.0.1:${n}\n${indent}  labels:\n${indent}    note: |\n${indent}     - x: y\n`,
  (n, indent) => `${indent}- { target: "127.0.0.1:${n}",\n\n# outside\n${indent}  fall: 5 }\n`,
  (n, indent) => `${indent}- { target: "127.0.0.1:${n}", id: "the same" }\n`,
  (n, indent) => `${indent}- &name${n % 3} { target: "127.0.0.1:${n}" }\n`,
  (n, indent) => `${indent}- { target: "127.0.0.1:${n}", <<: *name${n % 3} }\n`,
  (n, indent) => `${indent}- { target: "127.0.0.1:${n}", labels: { from: "\${HOST}" } }\n`,
  (n, indent) => `${indent}-\n${indent}  127.0.0.1:${n}\n`,
  (n, indent) => `${indent}- { target: "127.0.0.1:${n}"\n`,
  (n, indent) => `${indent}- "127.0.0.1:${n}\n`,
  (n, indent) => `${indent}- 127.0.0.1:${n}\n${indent}wrong: 1\n`,
];
/** Forms that occur in most texts. The others require a parse of the whole text. */
const USUAL = 7;

interface Draft {
  head: string;
  indent: string;
  items: [form: number, n: number][];
  tail: string;
}

function textOf({ head, indent, items, tail }: Draft): string {
  return `${head}targets:\n${items.map(([form, n]) => FORMS[form](n, indent)).join("")}${tail}`;
}

async function outcome(parser: Parser, text: string, host: string): Promise<unknown> {
  try {
    return await parser.configuration(text, readVariables(text, () => host));
  } catch (error) {
    return String(error);
  }
}

Deno.test("IncrementalParser returns the targets or problems of the whole text after any change", async () => {
  const random = new Random(19);
  const below = (limit: number) => random.integer(0, limit - 1);
  let [partly, valid] = [0, 0];
  for (let round = 0; round < 60; round++) {
    // In most rounds few items are invalid or refer to others; in some rounds many do.
    const odd = random.pick([4, 100]);
    const draft: Draft = { head: "groups: { web: { fall: 5 } }\n", indent: "  ".repeat(below(2)), items: [], tail: "" };
    const inner = new RecordingParser();
    const parser = new IncrementalParser(inner);
    for (let change = 0; change < 20; change++) {
      for (let i = 0; i <= below(4); i++) {
        const form = below(odd) === 0 ? below(FORMS.length) : below(USUAL);
        draft.items.splice(below(draft.items.length + 1), below(4), [form, 1 + below(2000)]);
      }
      if (below(10) === 0) {
        draft.head = `monitor: { ${below(2) === 0 ? 'source: "${HOST}", ' : ""} rise: ${
          1 + below(2)
        } }\ngroups: { web: { fall: ${4 + below(2)} } }\n`;
      }
      if (below(10) === 0) draft.tail = ["", "serve: {}\n", "# the end\n", "targets: []\n"][below(4)];
      const [text, host] = [textOf(draft), `127.0.0.${1 + below(2)}`];
      const expected = await outcome(LOCAL_PARSER, text, host);
      assertEquals(await outcome(parser, text, host), expected, text);
      if (typeof expected === "object") valid++;
      if (inner.texts.at(-1)!.length < text.length) partly++;
    }
  }
  assert(valid > 300 && partly > 100, `${valid} valid, ${partly} parsed in part`);
});

Deno.test("IncrementalParser parses only changed targets, and keeps the objects of the others", async () => {
  const items = Array.from({ length: 500 }, (_, i) => FORMS[2](i + 1, "  "));
  const text = () => `targets:\n${items.join("")}serve: {}\n`;
  const inner = new RecordingParser();
  const parser = new IncrementalParser(inner);
  const before = await parser.configuration(text(), {});
  const [removed] = items.splice(100, 1);
  items[200] = items[200].replace('number: "', 'number: "1');
  const after = await parser.configuration(text(), {});
  assertEquals(after, await LOCAL_PARSER.configuration(text(), {}));
  assertEquals(inner.texts[1], `targets:\n${items[200]}serve: {}\n`);
  assert(after.targets[0] === before.targets[0]);
  // Only the order has changed.
  items.reverse();
  assertEquals(await parser.configuration(text(), {}), await LOCAL_PARSER.configuration(text(), {}));
  assertEquals(inner.texts.length, 2);
  // The new item duplicates an id, which is a problem of the whole text.
  items.push(removed.replace('"101"', '"102"').replace(":101", ":102"));
  assertEquals(await outcome(parser, text(), ""), await outcome(LOCAL_PARSER, text(), ""));
});

Deno.test("IncrementalParser parses some changed targets in chunks, and many at once", async () => {
  const text = (count: number) =>
    `targets:\n${Array.from({ length: count }, (_, i) => FORMS[2](i + 1, "")).join("")}serve: {}\n`;
  for (const [count, chunks] of [[600, 3], [2500, 1]] as const) {
    const inner = new RecordingParser();
    const parser = new IncrementalParser(inner);
    await parser.configuration(text(1), {});
    assertEquals(await parser.configuration(text(count), {}), await LOCAL_PARSER.configuration(text(count), {}));
    assertEquals(inner.texts.length, 1 + chunks);
  }
});

Deno.test("IncrementalParser handles aliases between items, and text that only looks like an item", async () => {
  const alias = (fall: number) =>
    `targets:\n- &first { target: "127.0.0.1:1", fall: ${fall} }\n- { <<: *first, target: "127.0.0.1:2" }\n`;
  const text = (port: number) =>
    `{ groups: { web: { labels: { note: "a\n\ntargets:\n- 127.0.0.1:${port}\n" } } }, targets: [127.0.0.1:3] }\n`;
  for (const variant of [alias, text]) {
    const parser = new IncrementalParser(LOCAL_PARSER);
    for (const number of [4, 5]) {
      const expected = await LOCAL_PARSER.configuration(variant(number), {});
      assertEquals(await parser.configuration(variant(number), {}), expected);
    }
  }
});

Deno.test("IncrementalParser ignores items within a string", async () => {
  const texts = (...ports: number[]) => {
    const items = ports.map((port) => `- 127.0.0.1:${port}\n`).join("");
    const groups = `groups: { web: { labels: { note: "a\n\ntargets:\n${items}" } } }`;
    return { without: `{ ${groups} }\n`, withOne: `{ "t\\u0061rgets": [127.0.0.1:9], ${groups} }\n` };
  };
  for (
    const [before, after] of [
      [texts(1, 2).without, texts(2, 1).without],
      [texts(1).withOne, texts(2, 3).withOne],
    ]
  ) {
    const parser = new IncrementalParser(LOCAL_PARSER);
    await parser.configuration(before, {});
    assertEquals(await parser.configuration(after, {}), await LOCAL_PARSER.configuration(after, {}));
  }
});
