/** One retry for jobs that failed while others ran. */

import { type EndedJob, hasPassed, runJobs } from "./job.ts";

/**
 * Runs each failed job once more, alone, and counts the second outcome, because other tests may have taken the processor
 * or a limit of the system from the first run. Both runs print their output, and a job that passes now is reported.
 *
 * @param ended Jobs that ran beside each other.
 * @param env Environment variables of the jobs, in addition to ours.
 * @returns The jobs that passed, and the second run of the others.
 */
export async function retryFailed(ended: readonly EndedJob[], env: Record<string, string>): Promise<EndedJob[]> {
  const failed = ended.filter((job) => !hasPassed(job)).map(({ job }) => job);
  const retried = await runJobs(failed, 1, env);
  for (const { job } of retried.filter(hasPassed)) {
    console.log(`FLAKY  ${job.name} failed beside other tests, and passed alone`);
  }
  return [...ended.filter(hasPassed), ...retried];
}
