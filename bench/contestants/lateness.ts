/**
 * How late timeouts are with many checks in flight: `lateness.ts TARGET CHECKS`, to a target that never answers.
 *
 * Checks are begun a few at a time, so that none waits in our own queue, which its time would not count; and they go to
 * many ports, since the kernel takes ever longer to find a local port for one when most of them lead there already.
 */

import process from "node:process";
import { Checker } from "../../mod.ts";
import { quantile } from "../quantile.ts";

/** Time beyond the timeout, in ms. */
export interface Late {
  p50: number;
  p99: number;
  max: number;
}

/** What one turn has shown. */
export interface Lateness {
  /** By the result's `duration`: when the engine gave the check up. */
  engine: Late;
  /** By when the promise resolved. */
  promise: Late;
  /** CPU time while all checks wait and none is due, as a share of one core. */
  cpu: number;
}

const [target, checks] = Deno.args;
const hostname = target.slice(0, target.lastIndexOf(":"));
const PORTS = 1000;
/** Begun in one turn. */
const AT_ONCE = 50;
/** In ms. The first of all ends when the last has long been begun. */
const TIMEOUTS = { min: 2000, max: 3000 };
/** For how long CPU time is measured, in ms. */
const WAIT = 500;

await using checker = new Checker();
checker.checkingLoop();
await checker.waitReady();
// Whatever is compiled or allocated once is there before the measured turn.
await turn(Number(checks), { min: 100, max: 200 });
console.log(JSON.stringify(await turn(Number(checks), TIMEOUTS)));

async function turn(count: number, { min, max }: { min: number; max: number }): Promise<Lateness> {
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
  const before = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, WAIT));
  const { user, system } = process.cpuUsage(before);
  await Promise.all(pending);
  return { engine: late(engine), promise: late(promise), cpu: (user + system) / 1000 / WAIT };
}

function late(times: Float64Array): Late {
  times.sort();
  return { p50: quantile(times, 0.5), p99: quantile(times, 0.99), max: quantile(times, 1) };
}
