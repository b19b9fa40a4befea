/** Prometheus' target groups: the examples of its documentation, and invalid lists. */

import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { type ListFormat, parseList } from "../../lib/lists/parse_list.ts";

const FORMAT = { groups: {}, defaults: {} };

function parse(text: string, syntax: ListFormat["syntax"], more: Partial<ListFormat> = {}) {
  return parseList(text, { ...FORMAT, syntax, ...more });
}

// https://prometheus.io/docs/prometheus/latest/http_sd/#http_sd-format
const HTTP_SD = `[
  {
    "targets": ["10.0.10.2:9100", "10.0.10.3:9100", "10.0.10.4:9100", "10.0.10.5:9100"],
    "labels": { "__meta_datacenter": "london", "__meta_prometheus_job": "node" }
  },
  {
    "targets": ["10.0.40.2:9100", "10.0.40.3:9100"],
    "labels": { "__meta_datacenter": "london", "__meta_prometheus_job": "alertmanager" }
  },
  {
    "targets": ["10.0.40.2:9093", "10.0.40.3:9093"],
    "labels": { "__meta_datacenter": "newyork", "__meta_prometheus_job": "alertmanager" }
  }
]`;
// https://prometheus.io/docs/guides/file-sd/
const FILE_SD = `[
  { "labels": { "job": "node" }, "targets": ["localhost:9100"] }
]`;
// https://prometheus.io/docs/prometheus/latest/configuration/configuration/#file_sd_config
const FILE_SD_YAML = `
- targets:
    [ 'db-1.example.com:5432', "db-2.example.com:5432" ]
  labels:
    env: production
    shard: 3
`;

Deno.test("the example of http_sd has eight targets, without labels", () => {
  assertEquals(parse(HTTP_SD, "json"), [
    "10.0.10.2:9100",
    "10.0.10.3:9100",
    "10.0.10.4:9100",
    "10.0.10.5:9100",
    "10.0.40.2:9100",
    "10.0.40.3:9100",
    "10.0.40.2:9093",
    "10.0.40.3:9093",
  ]);
});

Deno.test("the example of file_sd has one target, whose job is its group", () => {
  assertEquals(parse(FILE_SD, "json"), [{ target: "localhost:9100", group: "node" }]);
  assertEquals(parse(FILE_SD, "yaml"), parse(FILE_SD, "json"));
});

Deno.test("scalars of YAML are strings, as written", () => {
  const labels = { env: "production", shard: "3" };
  assertEquals(parse(FILE_SD_YAML, "yaml"), [
    { target: "db-1.example.com:5432", labels },
    { target: "db-2.example.com:5432", labels },
  ]);
});

Deno.test("a list's group and labels are defaults of its targets, which get the options of the group", () => {
  const groups = { node: { fall: 5 } };
  assertEquals(
    parse(`[{"targets":["a:1"],"labels":{"env":"x"}},{"targets":["b:1"],"labels":{"job":"web"}}]`, "json", {
      groups,
      group: "node",
      labels: { env: "y", team: "core" },
    }),
    [
      { fall: 5, group: "node", target: "a:1", labels: { env: "x", team: "core" } },
      { group: "web", target: "b:1", labels: { env: "y", team: "core" } },
    ],
  );
});

Deno.test("lines are targets, networks and ports, with comments", () => {
  assertEquals(parse("# web\n192.0.2.1:80,443  # both\n\n198.51.100.0/31:22\r\n[2001:db8::1]:22", "lines"), [
    "192.0.2.1:80",
    "192.0.2.1:443",
    "198.51.100.0:22",
    "198.51.100.1:22",
    "[2001:db8::1]:22",
  ]);
});

Deno.test("an empty list has no targets", () => {
  assertEquals([parse("[]", "json"), parse("[]", "yaml"), parse("", "yaml"), parse("", "lines")], [[], [], [], []]);
});

for (
  const [what, syntax, text, message] of [
    ["no port", "json", `[{"targets":["a:1","b"]}]`, '"b"'],
    ["no port in a line", "lines", "a:1\nb", "line 2: "],
    ["an unknown key", "json", `[{"target":["a:1"]}]`, '[0]: Unknown key "target"'],
    ["an empty item", "yaml", "- targets: [a:1]\n-\n", "[1]: must be a mapping"],
    ["a label that is a number", "json", `[{"targets":["a:1"],"labels":{"x":1}}]`, '"x" must be a string'],
    ["a label of the metrics", "json", `[{"targets":["a:1"],"labels":{"id":"x"}}]`, '"id" is reserved for the metrics'],
    ["an illegal label", "json", `[{"targets":["a:1"],"labels":{"a-b":"x"}}]`, '"a-b" is not a valid label name'],
    ["no list", "json", `{"targets":["a:1"]}`, "not a list of target groups"],
    ["half a file", "json", `[{"targets":["a:1"]`, "Invalid JSON"],
    ["half a YAML file", "yaml", `- targets: ["a:1"`, "Invalid YAML"],
  ] as const
) {
  Deno.test(`${what} fails the list`, () => {
    const error = assertThrows(() => parse(text, syntax), Error);
    assertStringIncludes((error as Error).message, message);
  });
}
