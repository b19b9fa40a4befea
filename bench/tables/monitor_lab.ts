/** The monitor in the lab: verdicts against the rules, memory and lateness over ten minutes. */

import { denoArgs } from "../contestants.ts";
import type { LabReport } from "../contestants/monitor_lab.ts";
import { labTurn } from "../lab.ts";
import { networkRules } from "../monitored_network.ts";
import { shown, table } from "../numbers.ts";
import type { Table } from "../setting.ts";

const TARGETS = 100_000;
const INTERVAL = 10_000;
const SECONDS = 600;
const SAMPLES = 10;

/** 100,000 targets of the lab, each 10 s, for ten minutes: only if it is asked for. */
export const monitorLab: Table = {
  name: "monitor-lab",
  title: "The monitor in the lab, 100,000 targets each 10 s, a quarter of them down",
  isolated: true,
  async measure({ scale }) {
    const seconds = SECONDS * scale;
    const args = [...denoArgs("monitor_lab.ts"), `${TARGETS}`, `${INTERVAL}`, `${seconds}`, `${SAMPLES}`];
    const { output } = await labTurn({ command: Deno.execPath(), args }, networkRules(TARGETS));
    const { checks, cpuMicros, rss, wrong, lateness, skipped }: LabReport = JSON.parse(output);
    const growth = rss.at(-1)! / rss[Math.floor(SAMPLES / 2) - 1];
    const headings = ["Checks/s", "CPU, us a check", "wrong verdicts", "late: p50, ms", "p99, ms", "skipped"];
    headings.push(`RSS at each ${seconds / SAMPLES} s, MiB`);
    const row = [
      shown(checks / seconds, 0),
      shown(cpuMicros / checks, 1),
      shown(wrong, 0),
      shown(lateness.p50, 1),
      shown(lateness.p99, 1),
      shown(skipped, 0),
      rss.map((bytes) => shown(bytes / 2 ** 20, 0)).join(" "),
    ];
    const figures = { monitorWrong: wrong, monitorGrowth: growth, monitorLateness: lateness.p99 };
    return { text: table([headings, row]), figures };
  },
};
