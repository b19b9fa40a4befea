/** Times of the jobs of the last run. The longest start first, so that no core is idle at the end. */

import type { EndedJob, Job } from "./job.ts";

const FILE = "target/test_times.json";
/** The number of jobs that are listed. */
const LISTED = 10;

/**
 * Orders jobs by the time that they took in the last run.
 *
 * @param jobs The jobs.
 * @returns The jobs without a time, and then the others, the longest first.
 */
export function longestFirst(jobs: readonly Job[]): Job[] {
  const times = readTimes();
  const secondsOf = ({ name }: Job) => times[name] ?? Infinity;
  // Compared, because the difference of two infinite times is NaN.
  return jobs.toSorted((a, b) => secondsOf(a) === secondsOf(b) ? 0 : secondsOf(a) > secondsOf(b) ? -1 : 1);
}

/** Prints the jobs that took the most CPU time, which bounds the suite's, and records the times of all for the next run. */
export function recordTimes(ended: readonly EndedJob[]): void {
  const total = ended.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
  const most = ended.toSorted((a, b) => b.cpuSeconds - a.cpuSeconds).slice(0, LISTED);
  const list = most.map(({ job, cpuSeconds }) => `${job.name} ${cpuSeconds.toFixed(0)} s`).join(", ");
  console.log(`CPU time: ${total.toFixed(0)} s; the most: ${list}`);
  const times = Object.fromEntries(ended.map(({ job, seconds }) => [job.name, Math.round(seconds * 10) / 10]));
  Deno.mkdirSync("target", { recursive: true });
  Deno.writeTextFileSync(FILE, JSON.stringify({ ...readTimes(), ...times }));
}

function readTimes(): Record<string, number> {
  try {
    return JSON.parse(Deno.readTextFileSync(FILE));
  } catch {
    // The first run has no times.
    return {};
  }
}
