/** Problems of a configuration: all at once, with lines, suggestions, and without secrets. */

import { assertEquals, assertRejects } from "@std/assert";
import type { CheckerOptions } from "@tcp-shaker/tcp-shaker";
import { snake } from "../../lib/config/values/camel_keys.ts";
import { LOCAL_PARSER } from "../../lib/parsing/parser.ts";
import { WorkerParser } from "../../lib/parsing/worker_parser.ts";
import { makeCertificate } from "../support/certificate.ts";
import { testWith } from "../../../tests/support/installed.ts";
import { ROOT } from "../../lib/config/schema/root.ts";
import { ConfigurationError, type ConfigurationHost, parseConfiguration, problemLine } from "../../lib/config/mod.ts";

const ROOT_KEYS = Object.keys(ROOT.entries).join(", ");

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

Deno.test("parseConfiguration() reports targets that are malformed or have the same id", async () => {
  const text = "monitor: { interval: 1s, timeout: 2s }\ntargets:\n  - 127.0.0.1:1\n  - nothing\n  - 127.0.0.1:1\n";
  const lines = await problems(text);
  assertEquals(lines.map((line) => line.match(/^a\.yml:\d+:\d+/)?.[0]), ["a.yml:1:26", "a.yml:4:5", "a.yml:5:5"]);
});

Deno.test("parseConfiguration() rejects ids that a URL can't have", async () => {
  assertEquals(
    await problems("targets:\n  - { target: '127.0.0.1:1', id: . }\n  - { target: '127.0.0.1:2', id: '...' }\n"),
    [
      `a.yml:2:5: targets[0]: ".": id must not be ".", which can't be part of a URL: choose another id`,
    ],
  );
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
    "a.yml:1:21: http_sd_configs[0].url: must be a URL such as http://127.0.0.1:9093",
  ]);
  assertEquals(await problems("http_sd_configs: [{ url: https://a:s3cret@b/, urk: s3cret }]"), [
    'a.yml:1:47: http_sd_configs[0]: Unknown key "urk": did you mean "url"?',
  ]);
});

Deno.test("all unknown keys of a mapping are problems, each in its place", async () => {
  assertEquals(await problems("monitor:\n  thread: 2\n  rise: 0\n  syn_retry: 1\n  fall: 0\nbogus: 1\ntarget: []"), [
    'a.yml:2:3: monitor: Unknown key "thread": did you mean "threads"?',
    "a.yml:3:3: monitor.rise: must be an integer of at least 1, it is 0",
    'a.yml:4:3: monitor: Unknown key "syn_retry": did you mean "syn_retries"?',
    "a.yml:5:3: monitor.fall: must be an integer of at least 1, it is 0",
    'a.yml:6:1: Unknown key "bogus": known are ' + ROOT_KEYS,
    'a.yml:7:1: Unknown key "target": did you mean "targets"?',
  ]);
});

Deno.test("the configuration has every option of a checker except allow", async () => {
  const options: Record<keyof Omit<CheckerOptions, "allow">, string> = {
    timeout: "1s",
    zeroLinger: "true",
    family: "4",
    resolve: "first",
    details: "true",
    engine: "auto",
    fallback: "error",
    queueTimeout: "1s",
    rate: "5",
    threads: "2",
    source: "127.0.0.1",
    interface: "lo",
    mark: "1",
    tos: "4",
    synRetries: "1",
  };
  const text = Object.entries(options).map(([name, value]) => `${snake(name)}: ${value}`).join(", ");
  const { monitor } = await parseConfiguration(`monitor: { ${text} }`);
  assertEquals(Object.keys(monitor).toSorted(), Object.keys(options).toSorted());
  assertEquals((await parseConfiguration("monitor: { threads: auto }")).monitor.threads, "auto");
});

/** Sections that a start would fail with, and their problem. */
const NO_START: readonly (readonly [text: string, problem: string])[] = [
  ["monitor: { tos: 3 }", "1:12: monitor.tos must be a multiple of 4, because TCP sets the lowest two bits: 3"],
  ["monitor: { source: a }", '1:12: monitor.source must be an IP address: "a"'],
  [
    "monitor: { mark: 1, engine: connect }",
    '1:12: monitor.mark does not work with engine "connect": remove it, or choose "socket"',
  ],
  ["monitor: { threads: 0 }", "1:12: monitor.threads: must be an integer from 1 to 64, or auto, it is 0"],
  ["serve: { listen: a }", '1:10: serve.listen: must be an address and a port, such as 127.0.0.1:9116, it is "a"'],
  ["serve: { hosts: ['a:80'] }", '1:19: serve.hosts[0]: must be a host name without a port, it is "a:80"'],
  ["serve: { tls: { cert_file: a } }", "1:10: serve.tls: Missing key: TLS needs cert_file and key_file"],
  [
    "serve: { read_token: 'a b' }",
    "1:10: serve.read_token: must be a token: printable ASCII characters without spaces",
  ],
  [
    "serve: { read_token: a, read_token_file: b }",
    "1:1: serve: read_token and read_token_file exclude each other: " +
    "remove one",
  ],
  [
    "http_sd_configs: [{ url: 'file:///etc/passwd' }]",
    "1:21: http_sd_configs[0].url: must be a URL such as " +
    "http://127.0.0.1:9093",
  ],
  [
    "http_sd_configs: [{ url: 'http://a', refresh_interval: 0s }]",
    "1:38: http_sd_configs[0].refresh_interval: must " +
    'be a duration such as 500ms, 2s or 1m30s, at least 100ms, it is "0s"',
  ],
  ["target_files: [{ files: [] }]", "1:18: target_files[0].files: must be a list that is not empty, it is a list"],
  [
    "sinks: [{ type: agent_check, listen: '127.0.0.1:99999' }]",
    "1:30: sinks[0].listen: must be an address and a " +
    'port, such as 127.0.0.1:9116, it is "127.0.0.1:99999"',
  ],
  ["sinks: [{ type: webhook, url: 'ftp://a' }]", "1:26: sinks[0].url: must be a URL such as http://127.0.0.1:9093"],
  [
    "sinks: [{ type: webhook, url: 'http://a', external_url: b }]",
    "1:43: sinks[0].external_url: must be a URL such as " +
    'https://monitor.example, it is "b"',
  ],
  [
    "sinks: [{ type: alertmanager, alertmanagers: [] }]",
    "1:31: sinks[0].alertmanagers: must be a list that is not " +
    "empty, it is a list",
  ],
  [
    "sinks: [{ type: alertmanager, alertmanagers: [{ url: 'http://a' }], resend: 0s }]",
    "1:69: sinks[0].resend: must " +
    'be a duration such as 500ms, 2s or 1m30s, at least 1s, it is "0s"',
  ],
  [
    "sinks: [{ type: exec, program: a, timeout: 0s }]",
    "1:35: sinks[0].timeout: must be a duration such as 500ms, 2s " +
    'or 1m30s, at least 1ms, it is "0s"',
  ],
];

for (const [text, problem] of NO_START) {
  Deno.test(`parseConfiguration() rejects ${text}`, async () => {
    const readFile = () => Promise.resolve("secret");
    assertEquals(await problems(text, { readFile }), [`a.yml:${problem}`]);
  });
}

Deno.test("problems of files have the position and the name of the key", async () => {
  const text = [
    "target_files: [{ files: [a.txt] }]",
    "http_sd_configs:",
    "  - url: http://127.0.0.1/",
    "  - url_file: bad",
    "file_sd_configs: [{ files: [a.json] }]",
    "serve: { read_token_file: empty }",
    "sinks:",
    "  - type: webhook",
    "    url_file: nowhere",
    "probe: { allow: [], modules_file: nowhere }",
  ].join("\n");
  const readFile = (path: string) =>
    path === "nowhere" ? Promise.reject(new Deno.errors.NotFound("No such file")) : Promise.resolve(
      path === "empty" ? "\n" : "s3cret",
    );
  const expected = [
    'a.yml:4:5: http_sd_configs[1].url_file: The content of "bad" must be a URL such as http://127.0.0.1:9093',
    'a.yml:6:10: serve.read_token_file: The content of "empty" must be a token: printable ASCII characters without spaces',
    'a.yml:9:5: sinks[0].url_file: Cannot read "nowhere": there is no such file',
    'a.yml:10:21: probe.modules_file: Cannot read "nowhere": there is no such file',
  ];
  assertEquals(await problems(text, { readFile }), expected);
  // The worker reports the same positions.
  const long = `${text}\n${"#\n".repeat(1 << 15)}`;
  const parser = new WorkerParser(() => {});
  const path = ["sinks", 0, "url_file"];
  assertEquals(await parser.places(long, [path]), await LOCAL_PARSER.places(long, [path]));
  assertEquals(await parser.places(long, [path]), [{ line: 9, column: 5 }]);
});

testWith(["openssl"], "a certificate and its key are validated", async () => {
  const [one, other] = [await Deno.makeTempDir(), await Deno.makeTempDir()];
  await makeCertificate(one, "a");
  await makeCertificate(other, "b");
  const parse = (cert: string, key: string) =>
    parseConfiguration(`serve: { tls: { cert_file: "${cert}", key_file: "${key}" } }`);
  await parse(`${one}/cert.pem`, `${one}/key.pem`);
  const expected = [
    [`${one}/key.pem`, `${one}/key.pem`, "1:17: serve.tls.cert_file must be a certificate in PEM"],
    [`${one}/cert.pem`, `${one}/cert.pem`, "serve.tls.key_file must be a private key in PEM, without a passphrase"],
    [
      `${one}/cert.pem`,
      `${other}/key.pem`,
      "serve.tls.key_file must be the key of the certificate: it belongs to another",
    ],
  ];
  for (const [cert, key, message] of expected) {
    await assertRejects(() => parse(cert, key), ConfigurationError, message);
  }
  for (const folder of [one, other]) await Deno.remove(folder, { recursive: true });
});
