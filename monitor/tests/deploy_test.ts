/** Deployment examples: rules and dashboard name metrics that exist, and the files are valid for their programs. */

import { assert, assertEquals } from "@std/assert";
import { parseConfiguration } from "../lib/config/mod.ts";
import { HistoryFolder } from "./support/recorded_monitor.ts";
import { ServedAgent } from "./support/served_agent.ts";
import { testWith } from "../../tests/support/installed.ts";

const FOLDER = new URL("../examples/deploy/", import.meta.url);
const read = (name: string) => Deno.readTextFile(new URL(name, FOLDER));

/** Names of metrics in a text. */
function metricsIn(text: string): Set<string> {
  const names = text.matchAll(/\b(?:tcp_checker|process)_[a-z_]+\b/g);
  return new Set([...names].map(([name]) => name.replace(/_(?:bucket|sum|count)$/, "")));
}

/** Metric families that the server has, or has after an error. */
async function families(): Promise<Set<string>> {
  using temporary = new HistoryFolder();
  const folder = temporary.path;
  await Deno.writeTextFile(`${folder}/list.txt`, "127.0.0.1:1\n");
  await using served = await ServedAgent.start(`
monitor: { interval: 50ms }
targets: [{ target: "127.0.0.1:1", id: a, group: g }]
target_files: [{ files: ["${folder}/list.txt"] }]
sinks: [{ type: agent_check, listen: "127.0.0.1:0" }]
database: { file: "${folder}/history.db" }
`);
  const { text } = await served.ask("/metrics");
  const described = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name);
  // These metrics have no sample before their first event.
  return new Set([...described, "tcp_checker_up", "tcp_checker_local_errors_total", "tcp_checker_group_rtt_seconds"]);
}

Deno.test("the alert rules and the dashboard name metrics that exist", async () => {
  const known = await families();
  for (const file of ["alerts.yml", "dashboard.json"]) {
    const names = metricsIn(await read(file));
    assert(names.size > 5, file);
    for (const name of names) assert(known.has(name), `${file}: ${name}`);
  }
});

Deno.test("the dashboard's panels don't overlap, and each has a query", async () => {
  const { panels } = JSON.parse(await read("dashboard.json")) as {
    panels: { id: number; gridPos: { x: number; y: number; w: number; h: number }; targets: { expr: string }[] }[];
  };
  const cells = new Set<string>();
  for (const { id, gridPos: { x, y, w, h }, targets } of panels) {
    assert(targets.length > 0 && targets.every(({ expr }) => expr !== ""), String(id));
    assert(x + w <= 24);
    for (let column = x; column < x + w; column++) {
      for (let row = y; row < y + h; row++) {
        assertEquals(cells.has(`${column} ${row}`), false, `panel ${id}`);
        cells.add(`${column} ${row}`);
      }
    }
  }
});

Deno.test("the configurations are valid", async () => {
  const { targets, sinks } = await parseConfiguration(await read("agent.yml"));
  assertEquals([targets.length, sinks.length], [2, 1]);
  const [, block] = /agent\.yml: \|\n((?: {4}.*\n)+)/.exec(await read("kubernetes.yml"))!;
  const text = block.replaceAll(/^ {4}/gm, "");
  const { serve, database } = await parseConfiguration(text, { readFile: () => Promise.resolve("token") });
  assertEquals([serve.listen, database?.file], ["0.0.0.0:9116", "/var/lib/tcp-checker/history.db"]);
});

testWith(["promtool"], "promtool finds nothing wrong with the alert rules", async () => {
  const path = new URL("alerts.yml", FOLDER).pathname;
  const { success, stdout } = await new Deno.Command("promtool", { args: ["check", "rules", path] }).output();
  assert(success, new TextDecoder().decode(stdout));
});

testWith(["systemd-analyze"], "systemd-analyze finds nothing wrong with the unit", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/tcp-checker.service`;
  // An executable that exists.
  await Deno.writeTextFile(
    path,
    (await read("tcp-checker.service")).replaceAll("/usr/local/bin/tcp-checker", "/bin/true"),
  );
  const { code, stdout, stderr } = await new Deno.Command("systemd-analyze", { args: ["verify", path] }).output();
  await Deno.remove(folder, { recursive: true });
  const output = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  assertEquals([code, output.split("\n").filter((line) => line.includes("tcp-checker"))], [0, []]);
});

Deno.test("the Containerfile has the versions that the repository needs", async () => {
  const text = await read("Containerfile");
  const root = (name: string) => Deno.readTextFile(new URL(`../../${name}`, import.meta.url));
  const [, rust] = /rust:(1\.\d+)-/.exec(text)!;
  const [, least] = /rust-version = "1\.(\d+)"/.exec(await root("ffi/Cargo.toml"))!;
  assert(Number(rust.slice(2)) >= Number(least), rust);
  assert((await root(".github/workflows/publish.yml")).includes(`rustup default ${rust}.`), rust);
  const [, deno] = /deno:bin-([\d.]+)/.exec(text)!;
  assert((await root("CONTRIBUTING.md")).includes(`deno@${deno}`), deno);
});

testWith(["systemd-analyze"], "systemd rates the unit's exposure as the documentation says", async () => {
  const path = new URL("tcp-checker.service", FOLDER).pathname;
  const args = ["security", "--offline=true", "--no-pager", path];
  const { stdout } = await new Deno.Command("systemd-analyze", { args }).output();
  const [, level] = /Overall exposure level for tcp-checker\.service: ([\d.]+)/.exec(new TextDecoder().decode(stdout))!;
  assert(Number(level) <= 1.5, level);
  const docs = await Deno.readTextFile(new URL("../docs/deployment.md", import.meta.url));
  assert(docs.includes("`systemd-analyze security` rates it at 1.4"));
});
