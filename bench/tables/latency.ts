/** Latency of a check with one check in flight. */

import { BASELINE, denoArgs, parseGoDuration } from "../harness/contestants.ts";
import type { Latency } from "../contestants/latency.ts";
import { quantile } from "../contestants/quantile.ts";
import { formatNumber, table } from "../harness/numbers.ts";
import { Rounds } from "../harness/rounds.ts";
import type { Setting, Table } from "../harness/setting.ts";
import { runHalfOpenTrial, runTrial } from "../harness/trial.ts";

/** Latency as the caller sees it, and as the time from one SYN to the next. */
type Score = { caller: Latency; wire: Omit<Latency, "mean"> };

/** A contestant that makes one check after the other. */
interface Contestant {
  name: string;
  command: string;
  args: string[];
  halfOpen: boolean;
  read(output: string): Latency;
}

const US = "checkAddr()";

/** The module, tcp-shaker and `Deno.connect()`. */
export const latency: Table = {
  name: "latency",
  title: "One check at a time, port up",
  async measure(setting) {
    const checks = Math.round(5000 * setting.scale);
    const all = contestants(checks, setting);
    const rounds = await Rounds.run(all, setting.rounds, (contestant) => measureLatency(contestant, checks, setting));
    const columns = [
      ["p50, us", ({ caller }: Score) => caller.p50],
      ["p99, us", ({ caller }: Score) => caller.p99],
      ["mean, us", ({ caller }: Score) => caller.mean],
      ["SYN to SYN: p50, us", ({ wire }: Score) => wire.p50],
      ["SYN to SYN: p99, us", ({ wire }: Score) => wire.p99],
    ] as const;
    const rows = all.map((
      { name },
    ) => [name, ...columns.map(([, read]) => formatNumber(rounds.median(name, read), 0))]);
    return {
      text: table([["", ...columns.map(([name]) => name)], ...rows]),
      figures: {
        p50ToPeer: rounds.ratio(US, BASELINE, ({ wire }) => wire.p50),
        p99ToPeer: rounds.ratio(US, BASELINE, ({ wire }) => wire.p99),
      },
    };
  },
};

function contestants(checks: number, { programs: { tcpShaker } }: Setting): Contestant[] {
  const inDeno = (name: string, kind: string, halfOpen: boolean): Contestant => ({
    name,
    command: Deno.execPath(),
    args: [...denoArgs("latency.ts"), kind, "TARGET", `${checks}`, `${checks}`],
    halfOpen,
    read: (output) => JSON.parse(output),
  });
  const all = [inDeno(US, "module", true), inDeno("Deno.connect() and close()", "connect", false)];
  if (tcpShaker !== undefined) {
    all.push({
      name: BASELINE,
      command: tcpShaker,
      args: ["-a", "TARGET", "-n", `${2 * checks}`, "-c", "1"],
      halfOpen: true,
      read: (output) => ({ p50: NaN, p99: NaN, mean: parseGoDuration(output) / (2 * checks) * 1e6 }),
    });
  }
  return all;
}

/** Runs one trial: the warm-up, then as many measured checks. */
async function measureLatency(contestant: Contestant, checks: number, setting: Setting): Promise<Score | undefined> {
  const { name, command, args, halfOpen } = contestant;
  // In a shared namespace, SYNs of other processes would be timed too.
  const tcpdump = setting.isolated ? setting.programs.tcpdump : undefined;
  const job = { command, args, port: "open", accept: !halfOpen, tcpdump } as const;
  const run = halfOpen ? await runHalfOpenTrial({ name }, job, 2 * checks, setting) : await runTrial(job, setting);
  if (run === undefined) return undefined;
  return { caller: contestant.read(run.output), wire: synToSyn(run.syns?.slice(-checks)) };
}

function synToSyn(syns: number[] = []): Omit<Latency, "mean"> {
  const times = Float64Array.from(syns.slice(1), (time, i) => time - syns[i]).sort();
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
}
