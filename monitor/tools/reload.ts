/**
 * Measures a reload of an agent: deno run -A monitor/tools/reload.ts [--targets N] [--interval TIME]
 *
 * The agent checks loopback, and the reload replaces one target in a hundred. Prints the time of the reload, the CPU
 * time of this process, and the longest time that the event loop was blocked, which limits the delay of checks. The
 * last column is the same for a second without a reload, because other processes also delay the event loop.
 */

import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { type IntervalHistogram, monitorEventLoopDelay } from "node:perf_hooks";
import { Agent } from "../lib/agent/mod.ts";

const { values } = parseArgs({
  options: { targets: { type: "string", default: "100000" }, interval: { type: "string", default: "60s" } },
});
const count = Number(values.targets);
const folder = Deno.makeTempDirSync();
const path = `${folder}/agent.yml`;

/** Targets of loopback: the last ones depend on the version. */
function targets(version: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    const host = i < count * 0.99 ? i : i + version * count;
    return `127.${(host >> 16) & 255}.${(host >> 8) & 255}.${host & 255}:9`;
  });
}

/** The configuration, and the text of its target list. */
const SOURCES: Record<string, (targets: string[]) => { configuration: string; list?: [name: string, text: string] }> = {
  "lines": (targets) => ({
    configuration: `target_files: [{ files: ["${folder}/targets.txt"] }]`,
    list: ["targets.txt", targets.join("\n")],
  }),
  "file_sd, JSON": (targets) => ({
    configuration: `file_sd_configs: [{ files: ["${folder}/targets.json"] }]`,
    list: ["targets.json", JSON.stringify([{ targets, labels: { env: "production" } }])],
  }),
  "targets, addresses": (targets) => ({
    configuration: `targets:\n${targets.map((target) => `  - ${target}\n`).join("")}`,
  }),
  "targets, with labels": (targets) => ({
    configuration: `targets:\n${
      targets.map((target, i) => `  - { target: "${target}", group: web, labels: { number: "${i}" } }\n`).join("")
    }`,
  }),
};

function write(source: string, version: number): void {
  const { configuration, list } = SOURCES[source](targets(version));
  if (list !== undefined) Deno.writeTextFileSync(`${folder}/${list[0]}`, list[1]);
  Deno.writeTextFileSync(path, `monitor: { interval: ${values.interval}, fall: 3 }\n${configuration}\n`);
}

try {
  console.log("| source | reload | CPU time | blocked | without |\n| :- | -: | -: | -: | -: |");
  for (const source of Object.keys(SOURCES)) {
    write(source, 0);
    await using agent = await Agent.start({ source: path });
    write(source, 1);
    const [start, cpu] = [performance.now(), process.cpuUsage()];
    const held = await longestHold(async () => {
      const { isSuccessful, problems } = await agent.reload();
      if (!isSuccessful) throw new Error(problems[0].message);
    });
    const { user, system } = process.cpuUsage(cpu);
    const figures = [performance.now() - start, (user + system) / 1000, held, await longestHold(() => delay(1000))];
    console.log(`| ${source} | ${figures.map((ms) => `${ms.toFixed(0)} ms`).join(" | ")} |`);
  }
} finally {
  Deno.removeSync(folder, { recursive: true });
}

/** The longest time in ms that the event loop was blocked meanwhile. */
async function longestHold(action: () => Promise<unknown>): Promise<number> {
  const histogram: IntervalHistogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  await action();
  histogram.disable();
  return histogram.max / 1e6;
}
