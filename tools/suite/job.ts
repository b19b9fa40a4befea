/** Processes of test runners. */

import { stripVTControlCharacters } from "node:util";
import { count, type Outcome } from "./outcome.ts";

/** A command that runs tests. */
export interface Job {
  /** Its name in the line printed when it ends. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

/** How a job ended. */
export interface EndedJob extends Outcome {
  readonly job: Job;
  readonly seconds: number;
}

/** Time limit of a job, in s, because a test that hangs must not block the run. */
const TIME_LIMIT = 600;

/**
 * Runs jobs from a queue, a limited number at once. Prints a line per job, and the whole output of a failed job.
 *
 * @param jobs The jobs.
 * @param atOnce The number of jobs that run at once.
 * @param env Environment variables of the jobs, in addition to ours.
 */
export async function runJobs(
  jobs: readonly Job[],
  atOnce: number,
  env: Record<string, string>,
): Promise<EndedJob[]> {
  const waiting = [...jobs];
  const ended: EndedJob[] = [];
  const worker = async () => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) ended.push(await runJob(job, env));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return ended;
}

/** Whether a job passed. */
export function hasPassed({ ok, failed }: EndedJob): boolean {
  return ok && failed === 0;
}

/** Runs a job, and shows its output while it runs. */
export async function showJob({ command, args }: Job): Promise<Outcome> {
  const child = new Deno.Command(command, { args: [...args], stdout: "piped", stderr: "inherit" }).spawn();
  const [shown, counted] = child.stdout.tee();
  const [, text] = await Promise.all([
    shown.pipeTo(Deno.stdout.writable, { preventClose: true }),
    new Response(counted).text(),
  ]);
  return { ...count(stripVTControlCharacters(text)), ok: (await child.status).success };
}

async function runJob(job: Job, env: Record<string, string>): Promise<EndedJob> {
  const began = performance.now();
  // timeout(1) ends the processes that the job has started, too.
  const args = ["--signal=KILL", String(TIME_LIMIT), job.command, ...job.args];
  const { success, stdout, stderr } = await new Deno.Command("timeout", { args, env }).output();
  const seconds = (performance.now() - began) / 1000;
  const text = new TextDecoder().decode(stdout);
  const outcome = { ...count(stripVTControlCharacters(text)), ok: success };
  if (!success || outcome.failed > 0) console.log(text + new TextDecoder().decode(stderr));
  const skipped = outcome.skipped > 0 ? `, ${outcome.skipped} skipped` : "";
  const state = success ? "ok    " : "FAILED";
  console.log(
    `${state} ${job.name}  ${outcome.passed} passed, ${outcome.failed} failed${skipped}  ${seconds.toFixed(1)} s`,
  );
  return { ...outcome, job, seconds };
}
