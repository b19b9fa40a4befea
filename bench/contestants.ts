/** Who takes part, how each is started, and how its report is read. */

import type { Job, Run } from "./arena.ts";
import type { Measured } from "./contestants/measure.ts";
import type { Programs } from "./programs.ts";
import type { Setting } from "./setting.ts";
import { halfOpenTurn, turn } from "./turn.ts";

/** Which port is checked. */
export type Port = "open" | "closed";

/** One that checks ports. */
export interface Contestant {
  readonly name: string;
  /** How many checks it makes in about a second. */
  readonly checks: number;
  /** How many of them are under way at once. */
  readonly concurrency: number;
  /** How many it makes in all, for so many that are measured; `undefined` if it won't tell. */
  sent(checks: number): number | undefined;
  /** Whether it never completes a handshake, so that the kernel must count 3 segments a check. */
  readonly halfOpen: boolean;
  /** Whether its SYNs come from sockets, and so are counted by the kernel as connections; they do if it is not said. */
  readonly hasSockets?: boolean;
  /** How to run it. */
  job(checks: number, port: Port): Omit<Job, "isolated">;
  /** What its measured part took. */
  read(run: Run, checks: number, port: Port): Measured;
}

/** What one contestant did in one turn. */
export interface Score {
  /** Checks a second. */
  rate: number;
  /** Microseconds a check. */
  cpu: number;
}

/** What the contestants that run in Deno can be asked for. */
export interface Work {
  /** How many checks are under way at once; 100 if it is not said. */
  concurrency?: number;
  /** To how many addresses of this host they go, in turns; to one if it is not said. */
  addresses?: number;
  /** Which engine they have; sockets if it is not said. */
  engine?: "socket" | "raw";
}

/** The peer, which the others are compared with. */
export const PEER = "tcp-shaker (Go)";

/** A promise a check. */
export function checkAddr(name = "checkAddr(), a promise a check", work: Work = {}): Contestant {
  return inDeno({ name, halfOpen: true }, 40_000, "check_addr.ts", work);
}

/** A stream of results. */
export function checkAll(name = "checkAll()", work: Work = {}): Contestant {
  return inDeno({ name, halfOpen: true }, 40_000, "check_all.ts", work);
}

/** What a Deno program does without this module. */
export function denoConnect(): Contestant {
  return inDeno({ name: "Deno.connect() and close()", halfOpen: false }, 10_000, "deno_connect.ts", {});
}

/** The system calls and nothing else. */
export function bareLoop({ bareLoop }: Programs): Contestant {
  const traits = { name: "bare Rust loop, the same system calls", checks: 60_000, halfOpen: true, concurrency: 100 };
  return selfReporting(traits, [bareLoop]);
}

/** The system calls of the raw engine and nothing else. */
export function bareRaw({ bareRaw }: Programs): Contestant {
  const traits = { name: "bare Rust loop of the same raw calls", checks: 100_000, halfOpen: true, concurrency: 100 };
  return { ...selfReporting(traits, [bareRaw]), hasSockets: false };
}

/** HAProxy, with so many servers to check. It doesn't tell how many checks it makes in all. */
export function haproxy(command: string, servers: number): Contestant {
  const traits = { name: "HAProxy", checks: 60_000, halfOpen: true, concurrency: servers };
  const contestant = selfReporting(traits, [Deno.execPath(), ...denoArgs("haproxy.ts")], [`${servers}`, command]);
  return { ...contestant, sent: () => undefined };
}

/** tcp-shaker's command, if there is one. */
export function tcpShaker({ tcpShaker }: Programs): Contestant[] {
  if (tcpShaker === undefined) return [];
  return [{
    name: PEER,
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
      if (!output.includes(wanted)) throw new Error(`Not all checks were answered as they should be:\n${output}`);
      return { checks, seconds: goDuration(output), cpuMicros };
    },
  }];
}

/**
 * One turn of a contestant.
 *
 * @param contestant Whose.
 * @param port Which port it checks.
 * @param setting How, and how much.
 * @returns Its score; nothing when the turn is void.
 */
export async function play(contestant: Contestant, port: Port, setting: Setting): Promise<Score | undefined> {
  const checks = Math.max(Math.round(contestant.checks * setting.scale), 2 * contestant.concurrency);
  const job = contestant.job(checks, port);
  const run = contestant.halfOpen
    ? await halfOpenTurn(contestant, job, contestant.sent(checks), setting)
    : await turn(job, setting);
  if (run === undefined) return undefined;
  const measured = contestant.read(run, checks, port);
  return { rate: measured.checks / measured.seconds, cpu: measured.cpuMicros / measured.checks };
}

/** The arguments that have Deno run a file of `contestants/`. */
export function denoArgs(file: string): string[] {
  const path = new URL(`contestants/${file}`, import.meta.url).pathname;
  return ["run", "--quiet", "--allow-all", "--v8-flags=--expose-gc", decodeURIComponent(path)];
}

/**
 * Reads the duration in the summary of tcp-shaker's command.
 *
 * @param summary What it printed.
 * @returns Seconds.
 */
export function goDuration(summary: string): number {
  const [, text] = /checks in (\S+)/.exec(summary) ?? [];
  const units: Record<string, number> = { h: 3600, m: 60, s: 1, ms: 1e-3, "µs": 1e-6 };
  let seconds = 0;
  for (const [, number, unit] of text?.matchAll(/([\d.]+)(h|ms|m|s|µs)/g) ?? []) {
    seconds += Number(number) * units[unit];
  }
  if (seconds === 0) throw new Error(`There is no duration in: ${summary}`);
  return seconds;
}

/** What of a contestant is told, and not made. */
type Traits = Pick<Contestant, "name" | "checks" | "halfOpen" | "concurrency">;

/** One in Deno, which makes so many checks, or more if there are many at once. */
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

/** One that is told `TARGET CHECKS WARM_UP` after its command and its first arguments, and prints a report. */
function selfReporting(traits: Traits, [command, ...first]: string[], last: string[] = []): Contestant {
  return {
    ...traits,
    sent: (checks) => 2 * checks,
    job: (checks, port) => ({
      command,
      // The warm-up is as long as the part that counts: V8 compiles for the better part of a second.
      args: [...first, "TARGET", `${checks}`, `${checks}`, ...last],
      port,
      accept: !traits.halfOpen,
    }),
    read: ({ output }) => JSON.parse(output),
  };
}
