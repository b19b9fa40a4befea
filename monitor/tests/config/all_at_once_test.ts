/** All problems of a configuration are reported at once, by schema and by other rules, and each once. */

import { assertEquals, assertRejects } from "@std/assert";
import { ConfigurationError, parseConfiguration, problemLine } from "../../lib/config/mod.ts";

/** The problems of lines, as lines. No variable is set. */
async function problems(...lines: string[]): Promise<string[]> {
  const host = { environment: () => undefined };
  const error = await assertRejects(() => parseConfiguration(lines.join("\n"), host), ConfigurationError);
  return error.problems.map((problem) => problemLine(problem, "a.yml"));
}

Deno.test("problems of targets are reported together with problems of the schema", async () => {
  assertEquals(
    await problems(
      "monitor: { interval: 1s, timeout: 2s }",
      "targets:",
      "  - nothing",
      "  - { target: '127.0.0.1:x', fall: three }",
      "  - { target: '127.0.0.1:1', id: a }",
      "  - { target: '127.0.0.1:2', id: a, fal: 2 }",
      "  - { target: '127.0.0.1:3', timeout: 9s }",
      "  - { target: 127, id: 5 }",
      "bogus: 1",
    ).then((lines) => lines.map((line) => line.replace(/known are.*/, "..."))),
    [
      "a.yml:1:26: monitor.timeout must be at most interval, 1s, it is 2s",
      'a.yml:3:5: targets[0]: "nothing": Cannot check "nothing": it has no port, it should be "host:port"',
      'a.yml:4:5: targets[1]: "127.0.0.1:x": Cannot check "127.0.0.1:x": the port is not a number: "x"',
      'a.yml:4:30: targets[1].fall: must be an integer of at least 1, it is "three"',
      'a.yml:6:5: targets[3]: the id "a" is also used by targets[2]: give one of them another id',
      'a.yml:6:37: targets[3]: Unknown key "fal": did you mean "fall"?',
      'a.yml:7:5: targets[4]: "127.0.0.1:3": timeout must be at most interval, 1s, it is 9s',
      'a.yml:8:7: targets[5].target: must be "host:port", it is 127',
      "a.yml:8:20: targets[5].id: must be a string that is not empty, it is 5",
      'a.yml:9:1: Unknown key "bogus": ...',
    ],
  );
});

Deno.test("options of targets are not compared with invalid defaults", async () => {
  assertEquals(
    await problems("monitor: { interval: 1d, rise: 0 }", "targets: [{ target: '127.0.0.1:1', timeout: 9s }]"),
    [
      "a.yml:1:26: monitor.rise: must be an integer of at least 1, it is 0",
    ],
  );
  assertEquals(
    await problems(
      "groups: { web: { interval: 1d, rise: 0 } }",
      "targets: [{ target: '127.0.0.1:1', group: web, timeout: 9s }]",
    ),
    ["a.yml:1:32: groups.web.rise: must be an integer of at least 1, it is 0"],
  );
});

Deno.test("an unset variable is one problem, and so is a malformed one, which is not shown", async () => {
  assertEquals(
    await problems(
      "monitor: { source: '${SOURCE}' }",
      "targets:",
      "  - ${HOST}:80",
      "  - target: ${HOST}:81",
      "serve: { read_token: '${TOKEN:-s3cret}' }",
    ),
    [
      "a.yml:1:12: The environment variable SOURCE is not set: set it, or remove ${SOURCE}",
      "a.yml:3:5: The environment variable HOST is not set: set it, or remove ${HOST}",
      "a.yml:4:5: The environment variable HOST is not set: set it, or remove ${HOST}",
      "a.yml:5:10: Malformed variable: write ${NAME}, without a default; move a secret that contains ${ to a file",
    ],
  );
});

Deno.test("unreadable files are reported together with problems of the schema", async () => {
  const contents: Record<string, string> = { empty: "", modules: "modules: { a: { prober: tcp, timeot: 1s } }" };
  const readFile = (path: string) => {
    const content = contents[path];
    return content === undefined ? Promise.reject(new Deno.errors.NotFound()) : Promise.resolve(content);
  };
  const text = [
    "bogus: 1",
    "serve: { listen: 5, read_token_file: no-token, tls: { cert_file: no-cert } }",
    "probe: { allow: [], modules_file: modules }",
    "http_sd_configs: [{ refresh_interval: 1s }, { url_file: no-url }]",
    "sinks: [{ type: mail, url_file: no-hook }, { type: webhook, url_file: empty, token_file: '${UNSET}' }]",
  ].join("\n");
  const parsing = parseConfiguration(text, { environment: () => undefined, readFile });
  const { problems } = await assertRejects(() => parsing, ConfigurationError);
  const short = problems.map((problem) =>
    problemLine(problem, "a.yml").replace(/(: known are| must be|Cannot read).*/, "$1")
  );
  assertEquals(short, [
    'a.yml:1:1: Unknown key "bogus": known are',
    "a.yml:2:10: serve.listen: must be",
    "a.yml:2:21: serve.read_token_file: Cannot read",
    "a.yml:2:48: serve.tls: Missing key: TLS needs cert_file and key_file",
    "a.yml:2:55: serve.tls.cert_file: Cannot read",
    "a.yml:4:19: http_sd_configs[0]: Missing key url, or url_file",
    "a.yml:4:47: http_sd_configs[1].url_file: Cannot read",
    "a.yml:5:11: sinks[0].type: must be",
    "a.yml:5:23: sinks[0].url_file: Cannot read",
    'a.yml:5:61: sinks[1].url_file: The content of "empty" must be',
    "a.yml:5:78: The environment variable UNSET is not set: set it, or remove ${UNSET}",
    'modules:1:30: modules.a: Unknown key "timeot": did you mean "timeout"?',
  ]);
});

Deno.test("durations have the names and units of the file", async () => {
  assertEquals(
    await problems(
      "monitor: { interval: 0s, stale_after: 90s, flap: { transitions: 6, within: 0s } }",
      "targets: [{ target: '127.0.0.1:1', interval: 5s }]",
    ),
    [
      "a.yml:1:12: monitor.interval must be a duration from 10ms to 24d20h31m23s647ms, it is 0s",
      "a.yml:1:68: monitor.flap.within must be a duration of at least 1ms, it is 0s",
    ],
  );
  assertEquals(
    await problems("targets: [{ target: '127.0.0.1:1', interval: 5s, fast_interval: 9ms, stale_after: 1s }]"),
    [
      'a.yml:1:11: targets[0]: "127.0.0.1:1": fast_interval must be a duration from 10ms to 24d20h31m23s647ms, it is 9ms',
      'a.yml:1:11: targets[0]: "127.0.0.1:1": stale_after must be a duration of at least 5s, it is 1s',
    ],
  );
});

Deno.test("two lists with the same files are a problem of the second list", async () => {
  const lists = [
    "target_files: [{ files: [a] }, { files: [b], group: web }, { files: [a], labels: { rack: r1 } }]",
    "file_sd_configs: [{ files: [a.yml, b.yml] }, { files: [b.yml] }, { files: [a.yml, b.yml] }]",
  ];
  const expected = [
    'a.yml:1:60: target_files[2]: The files "a" are those of target_files[0] too: remove one list',
    'a.yml:2:66: file_sd_configs[2]: The files "a.yml, b.yml" are those of file_sd_configs[0] too: remove one list',
  ];
  assertEquals(await problems(...lists), expected);
  assertEquals((await problems(...lists, "bogus: 1")).slice(0, 2), expected);
});

Deno.test("an invalid value is one problem", async () => {
  assertEquals(await problems("serve: { read_token: '' }", "file_sd_configs: [{ files: [''] }]"), [
    "a.yml:1:10: serve.read_token: must be a token: printable ASCII characters without spaces",
    'a.yml:2:30: file_sd_configs[0].files[0]: must be a path, it is ""',
  ]);
});

Deno.test("problems of empty list items have the position of the hyphen", async () => {
  assertEquals(
    await problems("targets:", "  - 127.0.0.1:1 # -", "  # -", "  -", "  - target:", "  -   # nothing", "  -"),
    [
      'a.yml:4:3: targets[1]: must be "host:port" or a mapping, it is empty',
      'a.yml:5:5: targets[2].target: must be "host:port", it is empty',
      'a.yml:6:3: targets[3]: must be "host:port" or a mapping, it is empty',
      'a.yml:7:3: targets[4]: must be "host:port" or a mapping, it is empty',
    ],
  );
});

Deno.test("a sink of an unknown type is a problem that lists the types", async () => {
  assertEquals(await problems("sinks:", "  - type: mail", "  - {}", "  - webhook"), [
    'a.yml:2:5: sinks[0].type: must be one of agent_check, alertmanager, exec, webhook, it is "mail"',
    "a.yml:3:5: sinks[1].type: must be one of agent_check, alertmanager, exec, webhook",
    'a.yml:4:5: sinks[2]: must be a mapping with a type, it is "webhook"',
  ]);
});
