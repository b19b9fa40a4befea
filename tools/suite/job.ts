/** One test runner's process. */

import { stripVTControlCharacters } from "node:util";
import { count, type Outcome } from "./outcome.ts";

/** A command that runs tests. */
export interface Job {
  /** What it runs, for the line that is printed when it ends. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

/** How a job ended. */
export interface EndedJob extends Outcome {
  readonly job: Job;
  readonly seconds: number;
}

/**
 * Runs jobs, some at a time, in order. Prints a line per job, and everything that a failed one printed.
 *
 * @param jobs The jobs.
 * @param atOnce How many run at the same time.
 * @param env Variables of their environment, beside ours.
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

/** Runs a job, and shows what it prints as it comes. */
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
  const { success, stdout, stderr } = await new Deno.Command(job.command, { args: [...job.args], env }).output();
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
