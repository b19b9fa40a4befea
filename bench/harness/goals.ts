/** The goals of the benchmark, and their verdicts. */

import { formatNumber, table } from "./numbers.ts";

interface Goal {
  work: string;
  against: string;
  /** Unit of the figure; absent for a ratio. */
  unit?: "ms" | "bytes" | "%" | "/s";
  atLeast?: number;
  atMost?: number;
}

/** The goals, by the name under which tables report their figures. */
export const GOALS = {
  rateToBare: { work: "checks/s, a promise a check, 100 at once", against: "bare Rust loop", atLeast: 0.95 },
  rateToPeer: { work: "the same", against: "tcp-shaker", atLeast: 2.2 },
  cpuToPeer: { work: "CPU a check, whole process", against: "tcp-shaker", atMost: 0.35 },
  cpuToHaproxy: { work: "CPU a check, 600 targets", against: "HAProxy", atMost: 0.6 },
  rateToConnect: { work: "checks/s", against: "`Deno.connect()` and close", atLeast: 4 },
  closedRateToPeer: { work: "checks/s, port closed, 100 at once", against: "tcp-shaker", atLeast: 2.5 },
  p50ToPeer: { work: "one at a time, p50", against: "tcp-shaker", atMost: 0.9 },
  p99ToPeer: { work: "one at a time, p99", against: "tcp-shaker", atMost: 0.9 },
  rawRateToPeer: { work: "raw engine, checks/s, `checkAll()`", against: "tcp-shaker", atLeast: 3 },
  rawCpuToPeer: { work: "the same, CPU a check", against: "tcp-shaker", atMost: 0.25 },
  rawDefaultCpuToPeer: { work: "the same, `concurrency` by default", against: "tcp-shaker", atMost: 0.25 },
  rawRateToBare: {
    work: "raw engine, checks/s, `checkAll()`",
    against: "bare Rust loop of the same calls",
    atLeast: 0.9,
  },
  rawDefaultRateToBare: { work: "the same, `concurrency` by default", against: "the same bare loop", atLeast: 0.9 },
  threadsRate: { work: "2 engine threads, checks/s, 1,000 at once", against: "1 thread", atLeast: 1.5 },
  threadsAllRate: { work: "the same, `checkAll()`", against: "1 thread", atLeast: 1.4 },
  threadsCpu: { work: "2 engine threads, CPU a check", against: "1 thread", atMost: 1.08 },
  scanToNmap: { work: "scan in the lab, targets/s, raw engine", against: "nmap", atLeast: 1 },
  scanToMasscan: { work: "the same", against: "masscan", atLeast: 1 },
  scanToZmap: { work: "the same", against: "zmap", atLeast: 1 },
  scanWrong: { work: "the same, wrong verdicts in all rounds", against: "", atMost: 0 },
  residentGrowth: { work: "`checkAll()`, 1,000,000 targets, RSS at the end", against: "at 50 %", atMost: 1.05 },
  heap: { work: "`checkAll()`, JavaScript a check in flight", against: "", unit: "bytes", atMost: 400 },
  native: { work: "native a check in flight", against: "", unit: "bytes", atMost: 210 },
  rawNative: { work: "raw engine, native a check, 1,000,000 in flight", against: "", unit: "bytes", atMost: 210 },
  engineLateness: { work: "silent targets, lateness by `duration`, p99", against: "", unit: "ms", atMost: 5 },
  promiseLateness: { work: "silent targets, lateness of the promise, p99", against: "", unit: "ms", atMost: 5 },
  waiting: { work: "silent targets, CPU while waiting, of a core", against: "", unit: "%", atMost: 1 },
  monitorCpuToBare: { work: "monitor, CPU a check", against: "bare loop of `checkAddr()`", atMost: 1.15 },
  monitorCpuToHaproxy: { work: "the same", against: "HAProxy", atMost: 0.8 },
  monitorRawCpuToHaproxy: { work: "the same, raw engine", against: "HAProxy", atMost: 0.8 },
  monitorHeap: { work: "monitor, JavaScript a target", against: "", unit: "bytes", atMost: 1000 },
  monitorLateness: { work: "monitor, lateness of checks, p99", against: "", unit: "ms", atMost: 20 },
  monitorWrong: { work: "monitor in the lab, wrong verdicts on hosts that answered in time", against: "", atMost: 0 },
  monitorGrowth: { work: "the same, RSS after 10 minutes", against: "after 5", atMost: 1.05 },
  viewersCpu: { work: "status page, 10,000 targets, 200 viewers, CPU, of a core", against: "", unit: "%", atMost: 5 },
  pageBytes: { work: "the same, page on the wire", against: "", unit: "bytes", atMost: 60_000 },
  firstPaint: { work: "the same, first paint in Chromium", against: "", unit: "ms", atMost: 300 },
  probes: { work: "`/probe`, probes", against: "", unit: "/s", atLeast: 5000 },
  startUp: { work: "first result after start, over it", against: "`deno eval 0`", unit: "ms", atMost: 25 },
} as const satisfies Record<string, Goal>;

/** The measured figures, by name of the goal. */
export type Figures = Partial<Record<keyof typeof GOALS, number>>;

/**
 * Compares figures with the goals.
 *
 * @param figures The figures; a goal without a figure was not measured.
 * @returns A Markdown table.
 */
export function goalTable(figures: Figures): string {
  const rows = Object.entries<Goal>(GOALS).map(([name, goal]) => row(goal, figures[name as keyof Figures]));
  return table([["Work", "against", "measured", "to reach", "reached"], ...rows]);
}

function row({ work, against, unit, atLeast, atMost }: Goal, figure = NaN): string[] {
  const decimals = unit === undefined ? 2 : unit === "bytes" || unit === "/s" ? 0 : 1;
  const withUnit = (value: number) => [formatNumber(value, decimals), unit ?? ""].join(" ").trim();
  const reached = atLeast === undefined ? figure <= atMost! : figure >= atLeast;
  return [
    work,
    against,
    Number.isNaN(figure) ? "not measured" : withUnit(figure),
    atLeast === undefined ? `at most ${withUnit(atMost!)}` : `at least ${withUnit(atLeast)}`,
    Number.isNaN(figure) ? "-" : reached ? "yes" : "no",
  ];
}
