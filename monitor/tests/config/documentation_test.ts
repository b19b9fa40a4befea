/** docs/configuration.md and the JSON Schema match the parser. */

// deno-lint-ignore no-import-prefix -- in deno.json every user would download it
import { Ajv2020 } from "npm:ajv@8.20.0/dist/2020.js";
import { load } from "js-yaml";
import { assert, assertEquals } from "@std/assert";
import { parseConfiguration } from "../../lib/config/mod.ts";
import { makeCertificate } from "../support/certificate.ts";
import { testWith } from "../../../tests/support/installed.ts";
import schema from "../../docs/tcp-checker-config-1.schema.json" with { type: "json" };

const page = Deno.readTextFileSync(new URL("../../docs/configuration.md", import.meta.url));
const [, sample] = page.match(/^```yaml\n(.*?)^```/ms)!;
const MODULES = "modules: { tcp_connect: { prober: tcp } }";

testWith(["openssl"], "the sample of docs/configuration.md is a valid configuration", async () => {
  const folder = await Deno.makeTempDir();
  await makeCertificate(folder, "a");
  const names: string[] = [];
  const configuration = await parseConfiguration(sample, {
    environment: (name) => name.endsWith("URL") ? `https://${name}.secret` : `value-of-${name}`,
    readFile: (path) => {
      names.push(path);
      if (path.endsWith(".pem")) return Deno.readTextFile(`${folder}/${path.split("/").at(-1)}`);
      if (path.endsWith("url")) return Promise.resolve(`https://${path.split("/").at(-1)}.secret`);
      return Promise.resolve(path.endsWith("blackbox.yml") ? MODULES : `content-of-${path}`);
    },
  });
  await Deno.remove(folder, { recursive: true });
  assertEquals(configuration.targets, [
    "192.0.2.1:443",
    "[2001:db8::1]:443",
    {
      fall: 5,
      target: "db.example:5432",
      id: "db",
      group: "databases",
      labels: { team: "storage", env: "production" },
      interval: 1000,
    },
  ]);
  assertEquals(configuration.lists.map(({ type }) => type), ["file_sd", "http_sd", "http_sd", "lines"]);
  assertEquals(configuration.serve.readToken?.reveal(), "content-of-/etc/tcp-checker/read-token");
  assertEquals(names.length, 8);
  const shown = JSON.stringify(configuration) + Deno.inspect(configuration, { depth: 10 });
  for (const secret of ["content-of", "value-of", ".secret", "PRIVATE KEY", "inventory.example"]) {
    assertEquals(shown.includes(secret), false);
  }
});

Deno.test("the sample of docs/configuration.md has every key of the schema", () => {
  const keys = new Set<string>();
  collectKeys(schema, keys);
  assert(keys.size > 60);
  assertEquals(
    [...keys].filter((key) => !new RegExp(`\\b${key}:`).test(sample) && !sample.includes(`${key}_file:`)),
    [],
  );
});

Deno.test("the JSON Schema accepts the sample, and rejects what the parser rejects", async () => {
  const isValid = new Ajv2020({ strict: false }).compile(schema);
  assert(isValid(load(sample)), JSON.stringify(isValid.errors));
  for (
    const text of [
      "targets: [5]",
      "targets: [{ id: a }]",
      "monitor: { rise: 0 }",
      "monitor: { interval: 5 }",
      "monitor: { intervall: 5s }",
      "groups: { a: { labels: { job: b } } }",
      "sinks: [{ type: mail }]",
      "sinks: [{ type: exec }]",
      "file_sd_configs: [{ files: ['*/a.json'] }]",
      "serve: { tls: { ca: a } }",
    ]
  ) {
    assertEquals(isValid(load(text)), false, text);
    const isRejected = await parseConfiguration(text).then(() => false, () => true);
    assertEquals(isRejected, true, text);
  }
});

/** Collects the keys of all mappings of a JSON Schema. */
function collectKeys(node: unknown, keys: Set<string>): void {
  if (typeof node !== "object" || node === null) return;
  for (const [name, value] of Object.entries(node)) {
    if (name === "properties") { for (const key of Object.keys(value)) keys.add(key); }
    collectKeys(value, keys);
  }
}
