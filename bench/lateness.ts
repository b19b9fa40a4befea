/** How late timeouts are, and what it costs to wait for them. */

import { denoArgs } from "./contestants.ts";
import type { Late, Lateness } from "./contestants/lateness.ts";
import type { Setting } from "./environment.ts";
import { median, shown, table } from "./table.ts";
import { turn } from "./turn.ts";

/** How many checks are in flight. The last is about what a limit of 20,000 open files leaves. */
const IN_FLIGHT = [1000, 10_000, 18_000];

/**
 * Measures it with fewer and with more checks in flight.
 *
 * @param setting How often.
 * @returns A Markdown table.
 */
export async function latenessTable(setting: Setting): Promise<string> {
  const columns = (["p50", "p99", "max"] as const).map((key) => [key, (late: Late) => late[key]] as const);
  const rows: string[][] = [];
  for (const checks of IN_FLIGHT) {
    const scores: Lateness[] = [];
    for (let round = 0; round < setting.rounds; round++) {
      const args = [...denoArgs("lateness.ts"), "TARGET", `${checks}`];
      const { output } = await turn({ command: Deno.execPath(), args, port: "silent", accept: false }, setting);
      scores.push(JSON.parse(output));
    }
    rows.push([
      checks.toLocaleString("en"),
      ...columns.map(([, read]) => shown(median(scores.map(({ engine }) => read(engine))), 2)),
      ...columns.map(([, read]) => shown(median(scores.map(({ promise }) => read(promise))), 2)),
      shown(median(scores.map(({ cpu }) => cpu)) * 100, 1),
    ]);
  }
  const heading = ["engine", "promise"].flatMap((clock) => columns.map(([name]) => `${clock}: ${name}, ms`));
  return table([["Checks in flight", ...heading, "CPU while waiting, % of a core"], ...rows]);
}
