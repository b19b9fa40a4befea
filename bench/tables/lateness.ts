/** Lateness of timeouts, and CPU time of waiting checks. */

import { denoArgs } from "../harness/contestants.ts";
import type { Late, Lateness } from "../contestants/lateness.ts";
import { formatNumber, table } from "../harness/numbers.ts";
import { Rounds } from "../harness/rounds.ts";
import type { Table } from "../harness/setting.ts";
import { runTrial } from "../harness/trial.ts";

/** Measured with as many checks in flight as a checker has descriptors, up to 19,000. */
export const lateness: Table = {
  name: "lateness",
  title: "How late timeouts are",
  isolated: true,
  async measure(setting) {
    const checks = Math.round(Math.min(19_000, descriptors()) * setting.scale);
    const name = checks.toLocaleString("en");
    const args = [...denoArgs("lateness.ts"), "TARGET", `${checks}`];
    const rounds = await Rounds.run([{ name }], setting.rounds, async (): Promise<Lateness> => {
      const { output } = await runTrial({ command: Deno.execPath(), args, port: "silent", accept: false }, setting);
      return JSON.parse(output);
    });
    const quantiles = ["p50", "p99", "max"] as const satisfies (keyof Late)[];
    const clocks = ["engine", "promise"] as const satisfies (keyof Lateness)[];
    const columns = clocks.flatMap((clock) =>
      quantiles.map((quantile) => ({
        heading: `${clock}: ${quantile}, ms`,
        late: rounds.median(name, (score) => score[clock][quantile]),
      }))
    );
    const waiting = rounds.median(name, ({ cpu }) => cpu) * 100;
    const headings = ["Checks in flight", ...columns.map(({ heading }) => heading), "CPU while waiting, % of a core"];
    return {
      text: table([headings, [name, ...columns.map(({ late }) => formatNumber(late, 2)), formatNumber(waiting, 1)]]),
      figures: {
        engineLateness: rounds.median(name, ({ engine }) => engine.p99),
        promiseLateness: rounds.median(name, ({ promise }) => promise.p99),
        waiting,
      },
    };
  },
};

/**
 * The number of sockets of a checker: the limit less the descriptors of the program (`ffi/src/sys/fd_limit.rs`) and Deno.
 */
function descriptors(): number {
  const [, limit] = /^Max open files\s+\S+\s+(\d+)/m.exec(Deno.readTextFileSync("/proc/self/limits")) ?? [];
  return Math.floor(Number(limit) - Math.min(Number(limit) / 10, 1024)) - 100;
}
