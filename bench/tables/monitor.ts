/** The monitor beside HAProxy with the same servers, and beside a bare loop of checkAddr() at the same rate. */

import { denoArgs } from "../contestants.ts";
import type { Watched } from "../contestants/monitor.ts";
import { shown, table } from "../numbers.ts";
import { Rounds } from "../rounds.ts";
import type { Setting, Table } from "../setting.ts";
import { turn } from "../turn.ts";

const MONITOR = { name: "Monitor", kind: "monitor" };
const BARE = { name: "bare loop of checkAddr()", kind: "bare" };
const HAPROXY = { name: "HAProxy", kind: "haproxy" };

/** What is checked, in ms and s. */
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
  measure: (setting) => compare({ targets: 10_000, interval: 2000, seconds: 20 * setting.scale }, setting),
};

/** 100,000 targets, each 10 s: only if it is asked for. */
export const monitorLong: Table = {
  name: "monitor-long",
  title: "The monitor, 100,000 targets each 10 s",
  isolated: true,
  measure: (setting) => compare({ targets: 100_000, interval: 10_000, seconds: 60 * setting.scale }, setting),
};

async function compare({ targets, interval, seconds }: Load, setting: Setting) {
  const { haproxy } = setting.programs;
  const all = [MONITOR, BARE, ...haproxy === undefined ? [] : [HAPROXY]];
  const rounds = await Rounds.play(all, setting.rounds, async ({ kind }): Promise<Watched> => {
    const args = [...denoArgs("monitor.ts"), "TARGET", kind, `${targets}`, `${interval}`, `${seconds}`, haproxy ?? ""];
    const { output } = await turn({ command: Deno.execPath(), args, port: "open", accept: false }, setting);
    return JSON.parse(output);
  });
  const cpu = ({ checks, cpuMicros }: Watched) => cpuMicros / checks;
  const ofTarget = ({ heap = NaN }: Watched) => heap / targets;
  const rows = all.map(({ name }) => [
    name,
    shown(rounds.median(name, ({ checks }) => checks / seconds), 0),
    shown(rounds.median(name, cpu), 1),
    shown(rounds.ratio(MONITOR.name, name, cpu), 2),
    shown(rounds.median(name, ({ rss }) => rss / 2 ** 20), 0),
    shown(rounds.difference(name, BARE.name, ofTarget), 0),
    shown(rounds.median(name, ({ lateness }) => lateness?.p50 ?? NaN), 1),
    shown(rounds.median(name, ({ lateness }) => lateness?.p99 ?? NaN), 1),
    shown(rounds.median(name, ({ skipped = NaN }) => skipped), 0),
  ]);
  const headings = ["", "Checks/s", "CPU, us a check", "the monitor's CPU, of its", "RSS, MiB"];
  headings.push("heap a target above the bare loop, bytes", "late: p50, ms", "p99, ms", "skipped");
  const p99 = rounds.median(MONITOR.name, ({ lateness }) => lateness?.p99 ?? NaN);
  const figures = {
    monitorCpuToBare: rounds.ratio(MONITOR.name, BARE.name, cpu),
    ...haproxy !== undefined && { monitorCpuToHaproxy: rounds.ratio(MONITOR.name, HAPROXY.name, cpu) },
    monitorHeap: rounds.difference(MONITOR.name, BARE.name, ofTarget),
    monitorLateness: p99,
  };
  return { text: table([headings, ...rows]), figures };
}
