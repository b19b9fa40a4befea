/** Growth of memory with the length of a stream. */

import { denoArgs } from "../harness/contestants.ts";
import type { Stream } from "../contestants/million.ts";
import { formatNumber, table } from "../harness/numbers.ts";
import type { Table } from "../harness/setting.ts";
import { runHalfOpenTrial } from "../harness/trial.ts";

/** One stream of a million results. */
export const million: Table = {
  name: "million",
  title: "checkAll() over 1,000,000 targets, port up",
  async measure(setting) {
    const checks = 1_000_000 * setting.scale;
    const args = [...denoArgs("million.ts"), "TARGET", `${checks}`];
    const job = { command: Deno.execPath(), args, port: "open", accept: false } as const;
    const run = await runHalfOpenTrial({ name: "checkAll(), a million targets" }, job, checks, setting);
    if (run === undefined) return { text: "The only trial is invalid." };
    const { seconds, resident }: Stream = JSON.parse(run.output);
    const [, half, all] = resident;
    const heading = ["Targets", "checks/s", "RSS at 10 %, MiB", "at 50 %", "at the end"];
    const megabytes = resident.map((bytes) => formatNumber(bytes / 2 ** 20, 1));
    return {
      text: table([heading, [formatNumber(checks, 0), formatNumber(checks / seconds, 0), ...megabytes]]),
      figures: { residentGrowth: all / half },
    };
  },
};
