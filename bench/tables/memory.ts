/** What a check in flight costs in memory. */

import { denoArgs } from "../contestants.ts";
import type { Memory } from "../contestants/memory.ts";
import { shown, table } from "../numbers.ts";
import { Rounds } from "../rounds.ts";
import type { Table } from "../setting.ts";
import { turn } from "../turn.ts";

/** How many checks are in flight. */
const IN_FLIGHT = 10_000;
const CHECK_ALL = "checkAll()";

/** Both ways to check. */
export const memory: Table = {
  name: "memory",
  title: "Memory of a check in flight",
  isolated: true,
  async measure(setting) {
    const all = [
      { name: "checkAddr(), a promise a check", contestant: "check_addr" },
      { name: CHECK_ALL, contestant: "check_all" },
    ];
    const rounds = await Rounds.play(all, setting.rounds, async ({ contestant }): Promise<Memory> => {
      const args = [...denoArgs("memory.ts"), contestant, "TARGET", `${IN_FLIGHT}`];
      const { output } = await turn({ command: Deno.execPath(), args, port: "silent", accept: false }, setting);
      return JSON.parse(output);
    });
    const rows = all.map(({ name }) => {
      const [heap, native, spare] = (["heap", "native", "spare"] as const).map((key) =>
        rounds.median(name, (score) => score[key])
      );
      return [name, ...[heap + native, heap, native, spare].map((bytes) => shown(bytes, 0))];
    });
    const heading = `Bytes a check, ${IN_FLIGHT.toLocaleString("en")} in flight`;
    return {
      text: table([[heading, "ours", "of it JavaScript", "of it native", "V8's spare room"], ...rows]),
      figures: {
        heap: rounds.median(CHECK_ALL, ({ heap }) => heap),
        native: rounds.median(CHECK_ALL, ({ native }) => native),
      },
    };
  },
};
