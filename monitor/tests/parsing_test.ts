/** The parser in a worker returns the same as the one on this thread. */

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { LOCAL_PARSER } from "../lib/parsing/parser.ts";
import { WorkerParser } from "../lib/parsing/worker_parser.ts";

const TEXT = `# ${"x".repeat(1 << 15)}
monitor: { interval: 5s, source: "\${SOURCE}" }
groups: { web: { fall: 5, labels: { team: core } } }
http_sd_configs: [{ url: http://127.0.0.1/s3cret }]
targets:
${Array.from({ length: 1200 }, (_, i) => `  - { target: "127.0.0.1:${i + 1}", group: web }\n`).join("")}`;
const VARIABLES = { SOURCE: "127.0.0.1" };
const FORMAT = { syntax: "json", groups: {}, defaults: {} } as const;

function failOnMessage(message: string): never {
  throw new Error(message);
}

Deno.test("WorkerParser parses a configuration", async () => {
  const parser = new WorkerParser(failOnMessage);
  assertEquals(await parser.configuration(TEXT, VARIABLES), await LOCAL_PARSER.configuration(TEXT, VARIABLES));
});

Deno.test("WorkerParser parses a list", async () => {
  const parser = new WorkerParser(failOnMessage);
  const targets = Array.from({ length: 3000 }, (_, i) => `127.0.0.1:${i + 1}`);
  const text = JSON.stringify([{ targets, labels: { env: "x" } }]);
  assertEquals(await parser.list(text, FORMAT), await LOCAL_PARSER.list(text, FORMAT));
});

Deno.test("WorkerParser rejects with the problems of the text", async () => {
  const parser = new WorkerParser(failOnMessage);
  const text = TEXT.replace("5s", "never");
  const [here, there] = await Promise.all(
    [LOCAL_PARSER, parser].map((one) => assertRejects(() => one.configuration(text, VARIABLES), Error)),
  );
  assertEquals([there.name, there.message], [here.name, here.message]);
  await assertRejects(() => parser.list(" ".repeat(1 << 16), FORMAT), Error, "Invalid JSON");
});

Deno.test({
  name: "without the permission to read its module, WorkerParser parses on this thread, and reports this once",
  permissions: { read: false },
  async fn() {
    const messages: string[] = [];
    const parser = new WorkerParser((message) => messages.push(message));
    for (let i = 0; i < 2; i++) assertEquals((await parser.configuration(TEXT, VARIABLES)).targets.length, 1200);
    assertEquals(messages.length, 1);
    assertStringIncludes(messages[0], "to parse in a worker");
  },
});
