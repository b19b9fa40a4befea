/** The monitor in the lab: verdicts against the rules, memory and lateness over ten minutes. */

import { denoArgs } from "../harness/contestants.ts";
import type { LabReport } from "../contestants/monitor_lab.ts";
import { runLabTrial } from "../harness/lab.ts";
import { networkRules } from "../networks/monitored_network.ts";
import { formatNumber, table } from "../harness/numbers.ts";
import type { Table } from "../harness/setting.ts";

const TARGETS = 100_000;
const INTERVAL = 10_000;
const SECONDS = 600;
const SAMPLES = 10;
const THREADS = [1, 2];
/** Lateness of an answer of the lab in ms from which its host is excluded: the timeout of a check is 1000. */
const LATE_AFTER = 900;

/** 100,000 targets of the lab, each 10 s, for ten minutes. Runs only with `--only`. */
export const monitorLab: Table = {
  name: "monitor-lab",
  title: "The monitor in the lab, 100,000 targets each 10 s, a quarter of them down",
  isolated: true,
  async measure({ scale }) {
    const seconds = SECONDS * scale;
    const rows: string[][] = [];
    const all: { wrong: number; growth: number; p99: number }[] = [];
    for (const threads of THREADS) {
      const load = [TARGETS, INTERVAL, seconds, SAMPLES, threads].map(String);
      const args = [...denoArgs("monitor_lab.ts"), ...load];
      const { output, late } = await runLabTrial({ command: Deno.execPath(), args }, networkRules(TARGETS), LATE_AFTER);
      const report: LabReport = JSON.parse(output);
      const { checks, cpuMicros, rss, neutral, lateness, skipped } = report;
      const hosts = new Set(late);
      const wrong = report.wrong.filter((target) => !hosts.has(target)).length;
      all.push({ wrong, growth: rss.at(-1)! / rss[Math.floor(SAMPLES / 2) - 1], p99: lateness.p99 });
      rows.push([
        formatNumber(threads, 0),
        formatNumber(checks / seconds, 0),
        formatNumber(cpuMicros / checks, 1),
        formatNumber(wrong, 0),
        formatNumber(report.wrong.length - wrong, 0),
        formatNumber(hosts.size, 0),
        formatNumber(neutral, 0),
        formatNumber(lateness.p50, 1),
        formatNumber(lateness.p99, 1),
        formatNumber(skipped, 0),
        rss.map((bytes) => formatNumber(bytes / 2 ** 20, 0)).join(" "),
      ]);
    }
    const headings = [
      "Threads",
      "Checks/s",
      "CPU, us a check",
      "wrong targets",
      "wrong, lab was late",
      "late hosts of the lab",
    ];
    headings.push("neutral checks", "late: p50, ms", "p99, ms", "skipped", `RSS at each ${seconds / SAMPLES} s, MiB`);
    const figures = {
      monitorWrong: Math.max(...all.map(({ wrong }) => wrong)),
      monitorGrowth: Math.max(...all.map(({ growth }) => growth)),
      monitorLateness: Math.max(...all.map(({ p99 }) => p99)),
    };
    return { text: table([headings, ...rows]), figures };
  },
};
