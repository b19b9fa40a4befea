/** Problems of a configuration: all at once, with lines, suggestions, and without secrets. */

import { assertEquals, assertRejects } from "@std/assert";
import { ConfigurationError, type ConfigurationHost, parseConfiguration, problemLine } from "../../lib/config/mod.ts";

/** The problems of a text, as lines. */
async function problems(text: string, host: ConfigurationHost = {}): Promise<string[]> {
  const error = await assertRejects(() => parseConfiguration(text, host), ConfigurationError);
  return error.problems.map((problem) => problemLine(problem, "a.yml"));
}

Deno.test("parseConfiguration() lists all problems with line and column, in order", async () => {
  const text = [
    "monitor:",
    "  rise: 0",
    "  intervall: 2s",
    "targets:",
    "  - 127.0.0.1:22",
    "  - { target: '127.0.0.1:23', id: a, fall: three }",
    "  - { target: '127.0.0.1:24', labels: { job: x } }",
    "sinks:",
    "  - type: exec",
  ].join("\n");
  assertEquals(await problems(text), [
    "a.yml:2:3: monitor.rise: must be an integer of at least 1, it is 0",
    'a.yml:3:3: monitor: Unknown key "intervall": did you mean "interval"?',
    'a.yml:6:38: targets[1].fall: must be an integer of at least 1, it is "three"',
    "a.yml:7:41: targets[2].labels.job: must have a label name of letters, digits and _, and none of id, group, target, le, quantile, job, instance, __*" +
    ', it is "x"',
    'a.yml:9:5: sinks[0]: Missing key "program"',
  ]);
});

Deno.test("parseConfiguration() finds targets that are malformed or share an id", async () => {
  const text = "monitor: { interval: 1s, timeout: 2s }\ntargets:\n  - 127.0.0.1:1\n  - nothing\n  - 127.0.0.1:1\n";
  const lines = await problems(text);
  assertEquals(lines.map((line) => line.match(/^a\.yml:\d+:\d+/)?.[0]), ["a.yml:1:26", "a.yml:4:5", "a.yml:5:5"]);
});

for (
  const [what, text, message] of [
    ["a syntax error", "targets: [1\nb: 2", "a.yml:2:1: Invalid YAML: deficient indentation"],
    ["a key given twice", "targets: []\ntargets: []", "a.yml:2:1: Invalid YAML: duplicated mapping key"],
    ["two documents", "{}\n---\n{}", "a.yml: The file has more than one YAML document: remove the lines ---"],
    ["a list", "[a]", "a.yml:1:1: The configuration: must be a mapping, it is a list"],
    ["a section that is a list", "serve: [a]", "a.yml:1:1: serve: must be a mapping, it is a list"],
  ] as const
) {
  Deno.test(`parseConfiguration() rejects ${what}`, async () => assertEquals(await problems(text), [message]));
}

Deno.test("parseConfiguration() rejects an alias bomb before it expands", async () => {
  const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
  for (let i = 1; i < 10; i++) lines.push(`a${i}: &a${i} [${Array(10).fill(`*a${i - 1}`).join(", ")}]`);
  const [problem] = await problems(lines.join("\n"));
  assertEquals(
    problem.replace(/^a\.yml:\d+:\d+: /, ""),
    'The alias "a4" expands the file to more than 1000000 nodes: write out less',
  );
});

Deno.test("problems show no secret: neither a variable's value nor a URL", async () => {
  const environment = () => "s3cret";
  assertEquals(await problems("monitor: { initial: '${TOKEN}' }", { environment }), [
    'a.yml:1:12: monitor.initial: must be one of unknown, fully-up, up, down, fully-down, it is "${TOKEN}"',
  ]);
  assertEquals(await problems("http_sd_configs: [{ url: 5 }]"), [
    "a.yml:1:21: http_sd_configs[0].url: must be a string that is not empty",
  ]);
  assertEquals(await problems("http_sd_configs: [{ url: https://a:s3cret@b/, urk: s3cret }]"), [
    'a.yml:1:47: http_sd_configs[0]: Unknown key "urk": did you mean "url"?',
  ]);
});
