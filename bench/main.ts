/**
 * Compares checks per second, CPU time and memory per check with the alternatives: `deno task bench`.
 *
 * `--rounds N` (5): the number of trials of each contestant. `--only TABLE`: one table, or some. `--short`: a tenth of
 * the checks, in one round, to verify that the benchmark works. `--write`: the report goes to bench/RESULTS.md too.
 */

import { parseArgs } from "node:util";
import { canIsolate, machine } from "./harness/environment.ts";
import { type Figures, goalTable } from "./harness/goals.ts";
import { findPrograms, missingPrograms } from "./harness/programs.ts";
import type { Measurements, Setting, Table } from "./harness/setting.ts";
import { haproxyTable } from "./tables/haproxy.ts";
import { lateness } from "./tables/lateness.ts";
import { latency } from "./tables/latency.ts";
import { memory } from "./tables/memory.ts";
import { million } from "./tables/million.ts";
import { monitor, monitorHistory, monitorLong } from "./tables/monitor.ts";
import { monitorLab } from "./tables/monitor_lab.ts";
import { probe } from "./tables/probe.ts";
import { raw } from "./tables/raw.ts";
import { scan } from "./tables/scanners.ts";
import { page } from "./tables/page.ts";
import { portClosed, portUp } from "./tables/speed.ts";
import { startUp } from "./tables/start_up.ts";
import { threads } from "./tables/threads.ts";

const TABLES: Table[] = [
  portUp,
  portClosed,
  haproxyTable,
  raw,
  threads,
  scan,
  latency,
  lateness,
  memory,
  million,
  startUp,
  monitor,
  probe,
];
/** Slow tables, which run only with `--only`. */
const LONG_TABLES: Table[] = [monitorLong, monitorHistory, monitorLab, page];

const { values } = parseArgs({
  args: Deno.args,
  options: {
    rounds: { type: "string" },
    only: { type: "string", multiple: true },
    short: { type: "boolean" },
    write: { type: "boolean" },
  },
});
const rounds = Number(values.rounds ?? (values.short ? 1 : 5));
if (!Number.isInteger(rounds) || rounds < 1) throw new RangeError(`--rounds must be 1 or more, it is ${values.rounds}`);
const chosen = values.only === undefined ? TABLES : values.only.map(byName);

const isolated = await canIsolate();
const setting: Setting = {
  isolated,
  rounds,
  scale: values.short ? 0.1 : 1,
  programs: await findPrograms(isolated),
  invalid: [],
};
const head = ["# Results", machine(["deno task bench", ...Deno.args].join(" ")), ...missingPrograms(setting.programs)];
if (!isolated) {
  head.push("No network namespace can be made here, so segments were not counted, and there is no silent target.");
}
console.log(`${head.join("\n\n")}\n`);

const loadBefore = load();
const figures: Figures = {};
const body: string[] = [];
for (const table of chosen) {
  const measurements = await measure(table);
  Object.assign(figures, measurements.figures);
  const text = `## ${table.title}\n\n${measurements.text}`;
  console.log(`${text}\n`);
  body.push(text);
}
const goals = ["## Goals", goalTable(figures)];
if (setting.invalid.length > 0) goals.push(`Invalid trials, which are in no figure: ${setting.invalid.join("; ")}.`);
const foot = [
  `Load average of the machine, our own included: ${loadBefore} before, ${load()} after.`,
  "What the columns mean, and how it is measured: [README.md](README.md).",
];
console.log(`${[...goals, ...foot].join("\n\n")}\n`);

if (values.write) {
  const path = decodeURIComponent(new URL("RESULTS.md", import.meta.url).pathname);
  Deno.writeTextFileSync(path, [...head, ...goals, ...body, ...foot].join("\n\n") + "\n");
  await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", path] }).output();
}

function byName(name: string): Table {
  const all = [...TABLES, ...LONG_TABLES];
  const table = all.find((table) => table.name === name);
  const names = all.map(({ name }) => name).join(", ");
  if (table === undefined) throw new RangeError(`--only must be one of ${names}, it is ${name}`);
  return table;
}

async function measure(table: Table): Promise<Measurements> {
  if (table.isolated && !setting.isolated) return { text: "Left out: it needs a network namespace." };
  if (table.needs !== undefined && setting.programs[table.needs] === undefined) {
    return { text: `Left out: it needs ${table.needs}.` };
  }
  return await table.measure(setting);
}

/** Load of the last minute: other load distorts checks per second more than ratios. */
function load(): string {
  return Deno.loadavg()[0].toFixed(1);
}
