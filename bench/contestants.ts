/** Who takes part, how each is started, and how its report is read. */

import type { Job, Run } from "./arena.ts";
import type { Measured } from "./contestants/measure.ts";

/** Which port is checked. */
export type Port = "open" | "closed";

/** One that checks ports, 100 at once. */
export interface Contestant {
  readonly name: string;
  /** How many checks it makes in about a second. */
  readonly checks: number;
  /** Whether it never completes a handshake, so that the kernel must count 3 segments a check. */
  readonly halfOpen: boolean;
  /** How to run it. */
  job(checks: number, port: Port): Omit<Job, "isolated">;
  /** What its measured part took. */
  read(run: Run, checks: number, port: Port): Measured;
}

/** The peer, which the others are compared with. */
export const PEER = "tcp-shaker (Go)";
/** A promise a check. */
export const CHECK_ADDR = "checkAddr(), a promise a check";

/**
 * All of them.
 *
 * @param bareLoop The path of the program.
 * @param peer The path of tcp-shaker's command, if there is one.
 */
export function contestants(bareLoop: string, peer: string | undefined): Contestant[] {
  const all = [
    inDeno(CHECK_ADDR, "check_addr.ts", 40_000, true),
    inDeno("checkAll()", "check_all.ts", 40_000, true),
    selfReporting("bare Rust loop, the same system calls", bareLoop, [], 60_000, true),
    inDeno("Deno.connect() and close()", "deno_connect.ts", 10_000, false),
  ];
  if (peer !== undefined) all.splice(3, 0, tcpShaker(peer));
  return all;
}

/** How many checks come before the measured part, for those that report themselves. */
export function warmUp(checks: number): number {
  return Math.ceil(checks / 8);
}

/** The arguments that have Deno run a file of `contestants/`. */
export function denoArgs(file: string): string[] {
  const path = new URL(`contestants/${file}`, import.meta.url).pathname;
  return ["run", "--quiet", "--allow-all", "--v8-flags=--expose-gc", decodeURIComponent(path)];
}

function inDeno(name: string, file: string, checks: number, halfOpen: boolean): Contestant {
  return selfReporting(name, Deno.execPath(), denoArgs(file), checks, halfOpen);
}

function selfReporting(
  name: string,
  command: string,
  args: string[],
  checks: number,
  halfOpen: boolean,
): Contestant {
  return {
    name,
    checks,
    halfOpen,
    job: (checks, port) => ({
      command,
      args: [...args, "TARGET", `${checks}`, `${warmUp(checks)}`],
      port,
      accept: !halfOpen,
    }),
    read: ({ output }) => JSON.parse(output),
  };
}

function tcpShaker(command: string): Contestant {
  return {
    name: PEER,
    checks: 30_000,
    halfOpen: true,
    job: (checks, port) => ({
      command,
      args: ["-a", "TARGET", "-n", `${checks}`, "-c", "100"],
      port,
      accept: false,
    }),
    read({ output, cpuMicros }, checks, port) {
      const wanted = port === "open" ? `Succeed: ${checks}` : `connect ${checks},`;
      if (!output.includes(wanted)) throw new Error(`Not all checks were answered as they should be:\n${output}`);
      return { seconds: goDuration(output), cpuMicros };
    },
  };
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
