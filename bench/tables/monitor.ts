/** The monitor beside HAProxy with the same servers, and beside a bare loop of checkAddr() over the same targets. */

import { denoArgs } from "../harness/contestants.ts";
import type { Watched } from "../contestants/monitor.ts";
import { formatNumber, table } from "../harness/numbers.ts";
import { Rounds } from "../harness/rounds.ts";
import type { Setting, Table } from "../harness/setting.ts";
import { runTrial } from "../harness/trial.ts";

/** A program that checks, and its engine. */
interface Watcher {
  name: string;
  kind: "monitor" | "history" | "bare" | "haproxy";
  engine: "socket" | "raw";
  threads: number;
  /** The bare loop with as many threads. */
  bare: string;
}

const BARE: Watcher = {
  name: "bare loop of checkAddr()",
  kind: "bare",
  engine: "socket",
  threads: 1,
  bare: "bare loop of checkAddr()",
};
const MONITOR: Watcher = { ...BARE, name: "Monitor", kind: "monitor" };
const RAW: Watcher = { ...MONITOR, name: "Monitor, raw engine", engine: "raw" };
const HISTORY: Watcher = { ...BARE, name: "Monitor with history", kind: "history", bare: "Monitor" };
const HAPROXY: Watcher = { ...BARE, name: "HAProxy", kind: "haproxy" };
const BARE_2: Watcher = { ...BARE, name: "bare loop, 2 threads", threads: 2, bare: "bare loop, 2 threads" };
const MONITOR_2: Watcher = { ...BARE_2, name: "Monitor, 2 threads", kind: "monitor" };

/** Parameters of the checks, in ms and s. */
interface Load {
  targets: number;
  interval: number;
  seconds: number;
}

/** 10,000 targets, each 2 s. */
export const monitor: Table = {
  name: "monitor",
  title: "The monitor, 10,000 targets each 2 s",
  isolated: true,
  measure: (setting) =>
    compare([MONITOR, RAW, BARE, HAPROXY], { targets: 10_000, interval: 2000, seconds: 20 }, setting),
};

/**
 * The monitor with and without a history. Runs only with `--only`, because a trial takes two minutes, so that whole minutes
 * are written.
 */
export const monitorHistory: Table = {
  name: "monitor-history",
  title: "The monitor with a history, 10,000 targets each 2 s",
  isolated: true,
  async measure(setting) {
    const load = { targets: 10_000, interval: 2000, seconds: 120 };
    return { ...await compare([{ ...MONITOR, bare: MONITOR.name }, HISTORY], load, setting), figures: {} };
  },
};

/** 100,000 targets, each 10 s, without HAProxy: it made no check within 70 s. Runs only with `--only`. */
export const monitorLong: Table = {
  name: "monitor-long",
  title: "The monitor, 100,000 targets each 10 s",
  isolated: true,
  measure: (setting) =>
    compare([MONITOR, BARE, MONITOR_2, BARE_2], { targets: 100_000, interval: 10_000, seconds: 60 }, setting),
};

async function compare(watchers: Watcher[], { targets, interval, seconds: full }: Load, setting: Setting) {
  const { haproxy } = setting.programs;
  const seconds = full * setting.scale;
  const all = watchers.filter((one) => one !== HAPROXY || haproxy !== undefined);
  const hasHaproxy = all.includes(HAPROXY);
  const rounds = await Rounds.run(all, setting.rounds, async ({ kind, threads, engine }): Promise<Watched> => {
    const load = [targets, interval, seconds, threads, engine].map(String);
    const args = [...denoArgs("monitor.ts"), "TARGET", kind, ...load, haproxy ?? ""];
    const { output } = await runTrial({ command: Deno.execPath(), args, port: "open", accept: false }, setting);
    return JSON.parse(output);
  });
  const cpu = ({ checks, cpuMicros }: Watched) => cpuMicros / checks;
  const ofTarget = ({ heap = NaN }: Watched) => heap / targets;
  const rows = all.map(({ name, bare }) => [
    name,
    formatNumber(rounds.median(name, ({ checks }) => checks / seconds), 0),
    formatNumber(rounds.median(name, cpu), 1),
    formatNumber(rounds.ratio(name, bare, cpu), 2),
    formatNumber(!hasHaproxy ? NaN : rounds.ratio(name, HAPROXY.name, cpu), 2),
    formatNumber(rounds.median(name, ({ rss }) => rss / 2 ** 20), 0),
    formatNumber(rounds.difference(name, bare, ofTarget), 0),
    formatNumber(rounds.median(name, ({ lateness }) => lateness?.p50 ?? NaN), 1),
    formatNumber(rounds.median(name, ({ lateness }) => lateness?.p99 ?? NaN), 1),
    formatNumber(rounds.median(name, ({ skipped = NaN }) => skipped), 0),
  ]);
  const headings = ["", "Checks/s", "CPU, us a check", "of the bare loop's", "of HAProxy's", "RSS, MiB"];
  headings.push("heap a target above the bare loop, bytes", "late: p50, ms", "p99, ms", "skipped");
  const p99 = rounds.median(MONITOR.name, ({ lateness }) => lateness?.p99 ?? NaN);
  const figures = {
    ...all.includes(BARE) && { monitorCpuToBare: rounds.ratio(MONITOR.name, BARE.name, cpu) },
    ...hasHaproxy && {
      monitorCpuToHaproxy: rounds.ratio(MONITOR.name, HAPROXY.name, cpu),
      monitorRawCpuToHaproxy: rounds.ratio(RAW.name, HAPROXY.name, cpu),
    },
    ...all.includes(BARE) && { monitorHeap: rounds.difference(MONITOR.name, BARE.name, ofTarget) },
    monitorLateness: p99,
  };
  return { text: table([headings, ...rows]), figures };
}
