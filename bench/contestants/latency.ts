/** Latency of checks, one at a time. `latency.ts module|connect TARGET CHECKS WARM_UP`. */

import { Checker } from "../../mod.ts";
import { quantile } from "./quantile.ts";

const [contestant, target, checks, warmUp] = Deno.args;

/** Latencies in microseconds. */
export interface Latency {
  p50: number;
  p99: number;
  mean: number;
}

await using checker = new Checker();
const check = contestant === "module" ? await half() : full;
for (let i = 0; i < Number(warmUp); i++) await check();
const times = new Float64Array(Number(checks));
for (let i = 0; i < times.length; i++) {
  const start = performance.now();
  await check();
  times[i] = (performance.now() - start) * 1000;
}
times.sort();
const mean = times.reduce((sum, time) => sum + time) / times.length;
const latency: Latency = { p50: quantile(times, 0.5), p99: quantile(times, 0.99), mean };
console.log(JSON.stringify(latency));

async function half(): Promise<() => Promise<unknown>> {
  checker.checkingLoop();
  await checker.waitReady();
  return () => checker.checkAddr(target, { timeout: 1000 });
}

async function full(): Promise<void> {
  const colon = target.lastIndexOf(":");
  (await Deno.connect({ hostname: target.slice(0, colon), port: Number(target.slice(colon + 1)) })).close();
}
