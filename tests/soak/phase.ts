/** A phase of the soak: concurrent jobs, then a check for leftovers. */

import { Checker } from "../../mod.ts";
import { type Counters, difference, readCounters } from "../support/counters.ts";
import { engineFiles, ourThreads } from "../support/process.ts";
import { imbalance } from "./balance.ts";
import { Random } from "./random.ts";
import { drawJob, terminatedWorker } from "./jobs.ts";
import type { Tally } from "./tally.ts";

/** Number of jobs per phase: a few seconds of work. */
const JOBS = 60;
/** Number of concurrent jobs. */
const LANES = 6;
/** The timeout, in ms, of waits for conditions that should hold within moments. */
const TIME_LIMIT = 30_000;

/**
 * Runs a phase.
 *
 * @param seed Determines the jobs.
 * @param resident A checker that outlives the phase.
 * @param files Number of descriptors while idle.
 * @param tally Counts the checks.
 * @returns The difference of the kernel's counters.
 * @throws {Error} If a sum is wrong, or descriptors or threads are left over.
 */
export async function runPhase(seed: number, resident: Checker, files: number, tally: Tally): Promise<Counters> {
  const random = new Random(seed);
  const before = readCounters();
  {
    await using passing = new Checker();
    passing.checkingLoop();
    const jobs = Array.from({ length: JOBS }, () => {
      const context = { checker: random.oneOf([resident, resident, passing]), random: random.fork(), tally };
      const job = drawJob(random);
      return () => job(context);
    });
    const workers = random.fork();
    jobs.splice(random.integer(0, JOBS), 0, () => terminatedWorker(workers, tally));
    await Promise.all(Array.from({ length: LANES }, async () => {
      for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) await job();
    }));
  }
  // Idle sockets are closed after 1 to 2 s, and a worker's engine ends some time after the worker. One socket per
  // family stays, for checks on the caller's thread.
  const most = files + 2;
  await until(() => engineFiles() <= most, () => `There are ${engineFiles()} descriptors, and there were ${files}`);
  await until(() => engines() === 1, () => `There are ${engines()} engines, and one is running`);
  // Segments in flight on loopback arrive.
  const counted = () => difference(before, readCounters());
  await until(() => imbalance(counted(), tally).length === 0, () => imbalance(counted(), tally).join("\n"));
  return counted();
}

/** Waits for a condition, and throws if it does not hold in time. */
export async function until(isSo: () => boolean, describe: () => string): Promise<void> {
  const start = performance.now();
  while (!isSo()) {
    if (performance.now() - start > TIME_LIMIT) throw new Error(describe());
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function engines(): number {
  return ourThreads().filter((name) => name === "shaker-engine").length;
}
