/**
 * A monitor in the lab: `monitor_lab.ts TARGETS INTERVAL SECONDS SAMPLES THREADS`. Verdicts are compared with the rules at each
 * sample, and at its time the resident memory is read.
 */

import process from "node:process";
import { Monitor } from "@tcp-shaker/monitor";
import { expectedState, targetOf } from "../networks/monitored_network.ts";
import { residentBytes } from "../counters/process_memory.ts";
import { cpuMicrosOf } from "../counters/process_time.ts";

/** Measurements of one trial. */
export interface LabReport {
  /** Checks in the measured time. */
  checks: number;
  cpuMicros: number;
  /** Resident memory in bytes, at each sample. */
  rss: number[];
  /** Targets whose verdict was wrong at a sample, or at several. */
  wrong: string[];
  /** Neutral results, such as timeouts that ended late. */
  neutral: number;
  lateness: { p50: number; p99: number };
  /** Slots that passed without a check. */
  skipped: number;
}

const [targets, interval, seconds, samples, threads] = Deno.args.map(Number);
const names = Array.from({ length: targets }, (_, index) => targetOf(index));
await using monitor = await Monitor.start(names, { interval, threads });
// A target that is down has its verdict after three failures.
await pause(4 * interval + 5000);
const [before, cpuBefore] = [monitor.statistics(), cpuMicrosOf(process.pid)];
const rss: number[] = [];
const wrong = new Set<string>();
for (let sample = 0; sample < samples; sample++) {
  await pause(seconds * 1000 / samples);
  rss.push(residentBytes(process.pid));
  for (const [i, name] of names.entries()) if (monitor.get(name)!.state !== expectedState(i)) wrong.add(name);
}
let neutral = 0;
for (const state of monitor.states()) neutral += state.neutral;
const { checks, lateness, skipped } = monitor.statistics();
const output: LabReport = {
  rss,
  wrong: [...wrong],
  neutral,
  checks: checks - before.checks,
  cpuMicros: cpuMicrosOf(process.pid) - cpuBefore,
  lateness,
  skipped: skipped - before.skipped,
};
console.log(JSON.stringify(output));

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
