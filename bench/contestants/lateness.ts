/**
 * Lateness of timeouts with many checks in flight: `lateness.ts TARGET CHECKS`, to a target that never answers.
 *
 * A few checks begin at a time, so that none waits in our own queue, whose time a duration does not count. They go to
 * many ports, because the kernel's search for a local port slows down as the ports to one target run out.
 */

import process from "node:process";
import { Checker } from "../../mod.ts";
import { kernelCounters } from "../counters/kernel_counters.ts";
import { quantile } from "./quantile.ts";

/** Time beyond the timeout, in ms. */
export interface Late {
  p50: number;
  p99: number;
  max: number;
}

/** The measurements of one trial. */
export interface Lateness {
  /** The lateness of the engine, by the result's `duration`. */
  engine: Late;
  /** The lateness of the promise. */
  promise: Late;
  /** CPU time while all checks wait and none is due, as a share of one core. */
  cpu: number;
}

const [target, checks] = Deno.args;
const hostname = target.slice(0, target.lastIndexOf(":"));
const PORTS = 1000;
/** Checks begun in one turn of the event loop. */
const AT_ONCE = 50;
/** Timeout in ms, long enough that the last check starts before the first one ends. */
const TIMEOUTS = { min: 4500, max: 5500 };
/**
 * In ms, after the start of the last check and before the end of the first: a check sends its second SYN after 0.9 s,
 * and the kernel retransmits it 1 s and 3 s later. In between the engine is idle.
 */
const QUIET = { after: 2200, until: 3800 };

await using checker = await Checker.start();
const count = Number(checks);
// Warm-up: one-time compilation and allocation happen before the measurement.
await (await begin({ min: 100, max: 200 })).ended;
const opened = kernelCounters().ActiveOpens;
const start = performance.now();
const { engine, promise, ended } = await begin(TIMEOUTS);
const cpu = await busy(performance.now() + QUIET.after, start + QUIET.until);
if (kernelCounters().ActiveOpens !== opened + 2 * count) throw new Error(`Not all of ${count} checks are in flight`);
await ended;
console.log(JSON.stringify({ engine: late(engine), promise: late(promise), cpu } satisfies Lateness));

/** Begins all checks, and measures their lateness when they have ended. */
async function begin({ min, max }: typeof TIMEOUTS) {
  const engine = new Float64Array(count);
  const promise = new Float64Array(count);
  const check = async (i: number) => {
    const timeout = min + Math.random() * (max - min);
    const start = performance.now();
    const { status, duration } = await checker.checkAddr({ hostname, port: 1 + i % PORTS }, { timeout });
    promise[i] = performance.now() - start - timeout;
    engine[i] = duration - timeout;
    if (status !== "timeout") throw new Error(`A check of ${hostname} was answered: ${status}`);
  };
  const pending: Promise<void>[] = [];
  for (let i = 0; i < count; i++) {
    pending.push(check(i));
    if (i % AT_ONCE === AT_ONCE - 1) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return { engine, promise, ended: Promise.all(pending) };
}

/** The share of a core that the process takes between two instants, at least 0.1 s apart. */
async function busy(from: number, to: number): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, from - performance.now()));
  const [start, before] = [performance.now(), process.cpuUsage()];
  await new Promise((resolve) => setTimeout(resolve, Math.max(to - start, 100)));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / (performance.now() - start);
}

function late(times: Float64Array): Late {
  times.sort();
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99), max: quantile(times, 1) };
}
