/** Times of the jobs of the last run: the longest start first, so that no core waits for one of them at the end. */

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
  // Not a difference: that of two infinite times is NaN.
  return jobs.toSorted((a, b) => secondsOf(a) === secondsOf(b) ? 0 : secondsOf(a) > secondsOf(b) ? -1 : 1);
}

/** Prints the longest jobs, and records the times of all for the next run. */
export function recordTimes(ended: readonly EndedJob[]): void {
  const longest = ended.toSorted((a, b) => b.seconds - a.seconds).slice(0, LISTED);
  console.log(`The longest: ${longest.map(({ job, seconds }) => `${job.name} ${seconds.toFixed(0)} s`).join(", ")}`);
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
