/** Shared code of the contestants in Deno: arguments, checkers, warm-up, clocks, report. */

import process from "node:process";
import { parseArgs } from "node:util";
import { Checker, type CheckerOptions } from "../../mod.ts";

/** Report of a contestant about its measured part. */
export interface Measured {
  checks: number;
  seconds: number;
  /** User and system time of the whole process, all threads. */
  cpuMicros: number;
  /** Time of JavaScript's thread on a CPU; of contestants in Deno only. */
  javascriptMicros?: number;
}

const { positionals: [address, checks, warmUp], values } = parseArgs({
  allowPositionals: true,
  options: {
    concurrency: { type: "string", default: "100" },
    engine: { type: "string", default: "socket" },
    threads: { type: "string", default: "1" },
    checkers: { type: "string", default: "1" },
  },
});

/** Number of checks in flight. */
export const concurrency = Number(values.concurrency);

/** The target of every check. */
export const target: string = address;

/** The expected status of every check. */
export const expected: "up" | "refused" = target.endsWith(":1") ? "refused" : "up";

/** Starts a checker with the engine and the number of threads that the arguments name. */
export function startChecker(): Promise<Checker> {
  return Checker.start({ engine: values.engine as CheckerOptions["engine"], threads: Number(values.threads) });
}

/** Starts the number of checkers in the arguments. */
export function startCheckers(): Promise<Checker[]> {
  return Promise.all(Array.from({ length: Number(values.checkers) }, startChecker));
}

/**
 * Runs the warm-up, then the measured part, and prints its report.
 *
 * @param run Makes that many checks.
 */
export async function measure(run: (checks: number) => Promise<void>): Promise<void> {
  await run(Number(warmUp));
  const javascript = javascriptMicros();
  const cpu = process.cpuUsage();
  const start = performance.now();
  await run(Number(checks));
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const measured = {
    checks: Number(checks),
    seconds,
    cpuMicros: user + system,
    javascriptMicros: javascriptMicros() - javascript,
  };
  console.log(JSON.stringify(measured satisfies Measured));
}

/** Time of the main thread on a CPU. */
function javascriptMicros(): number {
  return Number(Deno.readTextFileSync(`/proc/self/task/${Deno.pid}/schedstat`).split(" ")[0]) / 1000;
}

/**
 * Makes checks in concurrent loops that each await one check at a time.
 *
 * @param checks The total number of checks.
 * @param check Makes the nth check.
 */
export async function inLoops(checks: number, check: (n: number) => Promise<void>): Promise<void> {
  let next = 0;
  const loop = async () => {
    while (next < checks) await check(next++);
  };
  await Promise.all(Array.from({ length: concurrency }, loop));
}

/**
 * Throws an error about an unexpected status.
 *
 * @param status The status of the result.
 */
export function unexpected(status: string): never {
  throw new Error(`A check of ${target} was answered: ${status}`);
}
