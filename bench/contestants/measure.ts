/** What the contestants that run in Deno have in common: arguments, warm-up, clocks, report. */

import process from "node:process";

/** What a contestant reports of its measured part. */
export interface Measured {
  seconds: number;
  /** User and system time of the whole process, all threads. */
  cpuMicros: number;
}

/** What a contestant is told on its command line: `TARGET CHECKS WARM_UP`. */
export const given: { target: string; checks: number; warmUp: number } = {
  target: Deno.args[0],
  checks: Number(Deno.args[1]),
  warmUp: Number(Deno.args[2]),
};

/** How many checks are under way at once. */
export const IN_FLIGHT = 100;

/**
 * Runs the warm-up, then the measured part, and prints what it took.
 *
 * @param run Makes that many checks.
 */
export async function measure(run: (checks: number) => Promise<void>): Promise<void> {
  await run(given.warmUp);
  const cpu = process.cpuUsage();
  const start = performance.now();
  await run(given.checks);
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  console.log(JSON.stringify({ seconds, cpuMicros: user + system } satisfies Measured));
}

/**
 * Makes checks, 100 loops side by side that each await one at a time.
 *
 * @param checks How many in all.
 * @param check Makes one.
 */
export async function inLoops(checks: number, check: () => Promise<void>): Promise<void> {
  let left = checks;
  const loop = async () => {
    while (left-- > 0) await check();
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, loop));
}

/**
 * Says that a check was not answered as the port would have it.
 *
 * @param status What it was answered.
 */
export function unexpected(status: string): never {
  throw new Error(`A check of ${given.target} was answered: ${status}`);
}

/** What a check of the target should be answered. */
export function expectedStatus(): "up" | "refused" {
  return given.target.endsWith(":1") ? "refused" : "up";
}
