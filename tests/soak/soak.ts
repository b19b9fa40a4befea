/** The soak, in the namespace that main.ts has made. */

import { Checker } from "../../mod.ts";
import { Application } from "../support/application.ts";
import { type Counters, readCounters } from "../support/counters.ts";
import { engineFiles, ourThreads } from "../support/process.ts";
import { readInput } from "../support/script.ts";
import { seen } from "./balance.ts";
import { MAX_SEED, Random } from "./random.ts";
import { terminatedWorker } from "./jobs.ts";
import { growth, read, type Reading } from "./memory.ts";
import { show } from "./numbers.ts";
import { runPhase, until } from "./phase.ts";
import { reportProgress } from "./progress.ts";
import { prove, summarize, type Summary } from "./summary.ts";
import { Tally } from "./tally.ts";
import { OPEN } from "./targets.ts";

export interface Input {
  seconds: number;
  seed: number;
}

/** Backlog above the number of concurrent checks: otherwise the kernel sends SYN cookies, and does not count RSTs. */
const BACKLOG = 4096;

/**
 * Maximum share of handshakes that are completed for lack of CPU. With 15 busy processes on two cores, pauses of 200 ms
 * completed 0.02 %. An engine that waits for JavaScript during handshakes completes 2 %.
 */
const TOLERATED = 0.005;

/** Descriptors of the same kinds as an engine's: Deno has an epoll instance and an eventfd from the first worker on. */
const KEPT_BY_DENO = 2;

const { seconds, seed } = readInput<Input>();
const start = performance.now();
const total = new Tally();
const counted: Counters = {};
const readings: Reading[] = [];
const applications = OPEN.map(({ hostname, port }) => new Application(hostname, port, BACKLOG));
const left: string[] = [];
let accepted: number | undefined;
let interrupted = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, () => interrupted = true);

console.error(`A soak of ${show(seconds)} s with the seed ${seed}`);
reportProgress(start, total);
const failure = await soak().then(() => undefined, (error) => error);
const summary: Summary = {
  seed,
  minutes: (performance.now() - start) / 60_000,
  phases: readings.length,
  total,
  counted,
  accepted,
  left: [...left, inventory()],
  readings,
};
console.log(summarize(summary));
if (failure === undefined) prove(summary);
else console.error(failure);
console.log(failure === undefined ? "ok" : "FAILED");
Deno.exit(failure === undefined ? 0 : 1);

async function soak(): Promise<void> {
  const random = new Random(seed);
  const files = engineFiles() + KEPT_BY_DENO;
  const isRest = () => engineFiles() <= files && ourThreads().length === 0;
  await terminatedWorker(random.fork(), new Tally());
  await until(isRest, () => `After a worker there are ${inventory()}`);
  left.push(inventory());
  {
    await using resident = new Checker();
    resident.checkingLoop();
    await resident.waitReady();
    const resting = engineFiles();
    while (!interrupted && performance.now() - start < seconds * 1000) {
      const changes = await runPhase(random.integer(0, MAX_SEED), resident, resting, new Tally(total));
      for (const [name, change] of Object.entries(changes)) counted[name] = (counted[name] ?? 0) + change;
      readings.push(read(start));
    }
  }
  await until(isRest, () => `In the end there are ${inventory()}, and there were ${left[0]}`);
  const { "Tcp.PassiveOpens": noticed } = readCounters();
  accepted = 0;
  for (const application of applications) accepted += await application.countAccepted();
  const { open } = seen(counted);
  if (accepted !== noticed) throw new Error(`accept() has returned ${accepted} times, for ${noticed} handshakes`);
  if (noticed > TOLERATED * open) {
    throw new Error(`${noticed} of ${open} handshakes were completed: the engine was late`);
  }
  for (const { part, slope, limit } of growth(readings)) {
    if (slope > limit) {
      throw new Error(`Memory, ${part}, grows by ${show(slope)} KB a minute, at most ${show(limit)} is fine`);
    }
  }
}

/** Counts descriptors and threads of engines. */
function inventory(): string {
  return `${engineFiles()} descriptors and ${ourThreads().length} threads`;
}
