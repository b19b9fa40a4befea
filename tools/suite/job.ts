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
  /** CPU time of its processes, in s. */
  readonly cpuSeconds: number;
}

/** Time limit of a job, in s, because a test that hangs must not block the run. */
const TIME_LIMIT = 600;
/** Runs a job with bash's `time`, which prints the CPU time last. timeout(1) ends processes that the job has started, too. */
const TIMED = `TIMEFORMAT=$'\\n%U %S'; time timeout --signal=KILL ${TIME_LIMIT} "$0" "$@"`;

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
  const args = ["-c", TIMED, job.command, ...job.args];
  const { success, stdout, stderr } = await new Deno.Command("bash", { args, env }).output();
  const seconds = (performance.now() - began) / 1000;
  const [text, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  const [user, system] = errors.trimEnd().split("\n").at(-1)!.replaceAll(",", ".").split(" ").map(Number);
  const cpuSeconds = user + system;
  const outcome = { ...count(stripVTControlCharacters(text)), ok: success };
  if (!success || outcome.failed > 0) console.log(text + errors);
  const skipped = outcome.skipped > 0 ? `, ${outcome.skipped} skipped` : "";
  const state = success ? "ok    " : "FAILED";
  const times = `${seconds.toFixed(1)} s, CPU ${cpuSeconds.toFixed(1)} s`;
  console.log(`${state} ${job.name}  ${outcome.passed} passed, ${outcome.failed} failed${skipped}  ${times}`);
  return { ...outcome, job, seconds, cpuSeconds };
}
