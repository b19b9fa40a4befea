/** One turn of one contestant, in an arena of its own. */

import type { Job, Run } from "./arena.ts";
import { type Setting, UNSHARE } from "./environment.ts";

const ARENA = decodeURIComponent(new URL("arena.ts", import.meta.url).pathname);

/**
 * Runs a job.
 *
 * @param job What to run.
 * @param setting Whether in a network namespace of its own.
 * @returns What came of it.
 */
export async function turn(job: Omit<Job, "isolated">, { isolated }: Setting): Promise<Run> {
  const inArena = JSON.stringify({ ...job, isolated } satisfies Job);
  const deno = [Deno.execPath(), "run", "--quiet", "--allow-all", ARENA, inArena];
  const [command, ...args] = isolated ? [...UNSHARE, ...deno] : deno;
  const { success, stdout } = await new Deno.Command(command, { args, stderr: "inherit" }).output();
  if (!success) throw new Error(`It failed: ${job.command} ${job.args.join(" ")}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}
