/** The contestants: their commands, and the parsers of their reports. */

import type { Job, Run } from "./trial_process.ts";
import type { Measured } from "../contestants/measure.ts";
import type { Programs } from "./programs.ts";
import type { Setting } from "./setting.ts";
import { runHalfOpenTrial, runTrial } from "./trial.ts";

/** Kind of the checked port. */
export type Port = "open" | "closed";

/** A program that checks ports. */
export interface Contestant {
  readonly name: string;
  /** Number of checks that take about a second. */
  readonly checks: number;
  /** Number of checks in flight. */
  readonly concurrency: number;
  /** Total number of checks for a number of measured checks; `undefined` if unknown. */
  sent(checks: number): number | undefined;
  /** Whether it never completes a handshake, so that the kernel must count 3 segments per check. */
  readonly halfOpen: boolean;
  /** Whether its SYNs come from sockets, so that the kernel counts them as connections; `true` by default. */
  readonly hasSockets?: boolean;
  /** The command. */
  job(checks: number, port: Port): Omit<Job, "isolated">;
  /** Parses the duration and CPU time of its measured part. */
  read(run: Run, checks: number, port: Port): Measured;
}

/** The result of one contestant's trial. */
export interface Score {
  /** Checks per second. */
  rate: number;
  /** CPU time per check, in microseconds. */
  cpu: number;
  /** CPU time of JavaScript's thread per check; only of contestants in Deno. */
  javascript?: number;
}

/** Options of contestants that run in Deno. */
export interface Work {
  /** Number of checks in flight; 100 by default. */
  concurrency?: number;
  /** The engine; sockets by default. */
  engine?: "socket" | "raw";
  /** The number of engine threads; 1 by default. */
  threads?: number;
  /** The number of checkers, of `checkAddr()` only; 1 by default. */
  checkers?: number;
}

/** The baseline of the ratios. */
export const BASELINE = "tcp-shaker (Go)";

/** This module with one promise per check. */
export function checkAddr(name = "checkAddr(), a promise a check", work: Work = {}): Contestant {
  return inDeno({ name, halfOpen: true }, 40_000, "check_addr.ts", work);
}

/** This module with a stream of results. */
export function checkAll(name = "checkAll()", work: Work = {}): Contestant {
  return inDeno({ name, halfOpen: true }, 40_000, "check_all.ts", work);
}

/** A Deno program without this module: connect and close. */
export function denoConnect(): Contestant {
  return inDeno({ name: "Deno.connect() and close()", halfOpen: false }, 10_000, "deno_connect.ts", {});
}

/** The bare loop of the socket engine's system calls. */
export function bareLoop({ bareLoop }: Programs): Contestant {
  const traits = { name: "bare Rust loop, the same system calls", checks: 60_000, halfOpen: true, concurrency: 100 };
  return selfReporting(traits, [bareLoop]);
}

/** The bare loop of the raw engine's system calls. */
export function bareRaw({ bareRaw }: Programs): Contestant {
  const traits = { name: "bare Rust loop of the same raw calls", checks: 100_000, halfOpen: true, concurrency: 100 };
  return { ...selfReporting(traits, [bareRaw]), hasSockets: false };
}

/** HAProxy with a number of servers to check. It doesn't report the number of checks. */
export function haproxy(command: string, servers: number): Contestant {
  const traits = { name: "HAProxy", checks: 60_000, halfOpen: true, concurrency: servers };
  const contestant = selfReporting(traits, [Deno.execPath(), ...denoArgs("haproxy.ts")], [`${servers}`, command]);
  return { ...contestant, sent: () => undefined };
}

/** tcp-shaker's command, if it is installed. */
export function tcpShaker({ tcpShaker }: Programs): Contestant[] {
  if (tcpShaker === undefined) return [];
  return [{
    name: BASELINE,
    checks: 30_000,
    concurrency: 100,
    sent: (checks) => checks,
    halfOpen: true,
    job: (checks, port) => ({
      command: tcpShaker,
      args: ["-a", "TARGET", "-n", `${checks}`, "-c", "100"],
      port,
      accept: false,
    }),
    read({ output, cpuMicros }, checks, port) {
      const wanted = port === "open" ? `Succeed: ${checks}` : `connect ${checks},`;
      if (!output.includes(wanted)) throw new Error(`Not all checks had the expected result:\n${output}`);
      return { checks, seconds: parseGoDuration(output), cpuMicros };
    },
  }];
}

/**
 * Runs one trial of a contestant.
 *
 * @param contestant The contestant.
 * @param port The kind of port to check.
 * @param setting The settings of the benchmark.
 * @returns Its score; `undefined` if the trial is invalid.
 */
export async function measureContestant(
  contestant: Contestant,
  port: Port,
  setting: Setting,
): Promise<Score | undefined> {
  const checks = Math.max(Math.round(contestant.checks * setting.scale), 2 * contestant.concurrency);
  const job = contestant.job(checks, port);
  const run = contestant.halfOpen
    ? await runHalfOpenTrial(contestant, job, contestant.sent(checks), setting)
    : await runTrial(job, setting);
  if (run === undefined) return undefined;
  const measured = contestant.read(run, checks, port);
  const { checks: count, seconds, cpuMicros, javascriptMicros } = measured;
  const javascript = javascriptMicros === undefined ? undefined : javascriptMicros / count;
  return { rate: count / seconds, cpu: cpuMicros / count, javascript };
}

/** Arguments of `deno` that run a file of `contestants/`. */
export function denoArgs(file: string): string[] {
  const path = new URL(`../contestants/${file}`, import.meta.url).pathname;
  return ["run", "--quiet", "--allow-all", "--v8-flags=--expose-gc", decodeURIComponent(path)];
}

/**
 * Reads the duration in the summary of tcp-shaker's command.
 *
 * @param summary The output of the command.
 * @returns Seconds.
 */
export function parseGoDuration(summary: string): number {
  const [, text] = /checks in (\S+)/.exec(summary) ?? [];
  const units: Record<string, number> = { h: 3600, m: 60, s: 1, ms: 1e-3, "µs": 1e-6 };
  let seconds = 0;
  for (const [, number, unit] of text?.matchAll(/([\d.]+)(h|ms|m|s|µs)/g) ?? []) {
    seconds += Number(number) * units[unit];
  }
  if (seconds === 0) throw new Error(`Cannot parse tcp-shaker's summary, it has no duration: ${summary}`);
  return seconds;
}

/** The properties of a contestant that are not derived. */
type Traits = Pick<Contestant, "name" | "checks" | "halfOpen" | "concurrency">;

/** A contestant in Deno. It makes the given number of checks, or more if many are in flight. */
function inDeno(traits: Pick<Traits, "name" | "halfOpen">, checks: number, file: string, work: Work): Contestant {
  const { concurrency = 100 } = work;
  const options = Object.entries(work).map(([option, value]) => `--${option}=${value}`);
  const contestant = selfReporting(
    { ...traits, checks: Math.max(checks, 10 * concurrency), concurrency },
    [Deno.execPath(), ...denoArgs(file)],
    options,
  );
  return { ...contestant, hasSockets: work.engine !== "raw" };
}

/** A contestant that takes `TARGET CHECKS WARM_UP` after its first arguments, and prints a report. */
function selfReporting(traits: Traits, [command, ...first]: string[], last: string[] = []): Contestant {
  return {
    ...traits,
    sent: (checks) => 2 * checks,
    job: (checks, port) => ({
      command,
      // The warm-up is as long as the measured part, because V8 compiles for most of a second.
      args: [...first, "TARGET", `${checks}`, `${checks}`, ...last],
      port,
      accept: !traits.halfOpen,
    }),
    read: ({ output }) => JSON.parse(output),
  };
}
