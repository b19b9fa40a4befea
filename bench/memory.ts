/** What a check in flight costs in memory. */

import { denoArgs } from "./contestants.ts";
import type { Memory } from "./contestants/memory.ts";
import type { Setting } from "./environment.ts";
import { median, shown, table } from "./table.ts";
import { turn } from "./turn.ts";

/** How many checks are in flight. */
const IN_FLIGHT = 10_000;

/**
 * Measures both ways to check.
 *
 * @param setting How often.
 * @returns A Markdown table.
 */
export async function memoryTable(setting: Setting): Promise<string> {
  const rows: string[][] = [];
  for (const [name, contestant] of [["checkAddr(), a promise a check", "check_addr"], ["checkAll()", "check_all"]]) {
    const scores: Memory[] = [];
    for (let round = 0; round < setting.rounds; round++) {
      const args = [...denoArgs("memory.ts"), contestant, "TARGET", `${IN_FLIGHT}`];
      const { output } = await turn({ command: Deno.execPath(), args, port: "silent", accept: false }, setting);
      scores.push(JSON.parse(output));
    }
    const [heap, native, spare] = (["heap", "native", "spare"] as const).map((key) =>
      median(scores.map((m) => m[key]))
    );
    rows.push([name, ...[heap + native, heap, native, spare].map((bytes) => shown(bytes, 0))]);
  }
  const heading = `Bytes a check, ${IN_FLIGHT.toLocaleString("en")} in flight`;
  return table([[heading, "ours", "of it JavaScript", "of it native", "V8's spare room"], ...rows]);
}
