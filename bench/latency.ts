/** How long a check takes when there is only one at a time. */

import { denoArgs, goDuration, PEER } from "./contestants.ts";
import type { Latency } from "./contestants/latency.ts";
import type { Setting } from "./environment.ts";
import { median, shown, table } from "./table.ts";
import { turn } from "./turn.ts";

/**
 * Has the module, tcp-shaker and `Deno.connect()` take turns.
 *
 * @param peer tcp-shaker's command, if there is one. It tells the mean only.
 * @param setting How often, and how much.
 * @returns A Markdown table.
 */
export async function latencyTable(peer: string | undefined, setting: Setting): Promise<string> {
  const checks = Math.round(5000 * setting.scale);
  const inDeno = (name: string, accept: boolean) => async (): Promise<Latency> => {
    const args = [...denoArgs("latency.ts"), name, "TARGET", `${checks}`, `${checks}`];
    return JSON.parse((await turn({ command: Deno.execPath(), args, port: "open", accept }, setting)).output);
  };
  const contestants: [string, () => Promise<Latency>][] = [
    ["checkAddr()", inDeno("module", false)],
    ["Deno.connect() and close()", inDeno("connect", true)],
  ];
  if (peer !== undefined) {
    const args = ["-a", "TARGET", "-n", `${checks}`, "-c", "1"];
    contestants.push([PEER, async () => {
      const { output } = await turn({ command: peer, args, port: "open", accept: false }, setting);
      return { p50: NaN, p99: NaN, mean: goDuration(output) / checks * 1e6 };
    }]);
  }
  const scores = contestants.map((): Latency[] => []);
  for (let round = 0; round < setting.rounds; round++) {
    for (const [index, [, play]] of contestants.entries()) scores[index].push(await play());
  }
  const rows = contestants.map(([name], index) => [
    name,
    ...(["p50", "p99", "mean"] as const).map((key) => shown(median(scores[index].map((score) => score[key])), 0)),
  ]);
  return table([["", "p50, us", "p99, us", "mean, us"], ...rows]);
}
