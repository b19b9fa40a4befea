/** One turn of one contestant, in an arena of its own. */

import type { Job, Run } from "./arena.ts";
import { UNSHARE } from "./environment.ts";
import type { KernelCounters } from "./kernel_counters.ts";
import type { Setting } from "./setting.ts";

const ARENA = decodeURIComponent(new URL("arena.ts", import.meta.url).pathname);

/**
 * Runs a job.
 *
 * @param job What to run.
 * @param setting Whether in a network namespace of its own.
 * @returns What came of it.
 */
export async function turn(
  job: Omit<Job, "isolated">,
  { isolated }: Setting,
): Promise<Run> {
  const inArena = JSON.stringify({ ...job, isolated } satisfies Job);
  const deno = [Deno.execPath(), "run", "--quiet", "--allow-all", ARENA, inArena];
  const [command, ...args] = [...isolated ? UNSHARE : [], ...deno];
  const { success, stdout } = await new Deno.Command(command, { args, stderr: "inherit" }).output();
  if (!success) throw new Error(`It failed: ${job.command} ${job.args.join(" ")}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

/**
 * Runs a job of one who never completes a handshake.
 *
 * @param contestant Who it is, and whether the kernel knows of its SYNs.
 * @param job What to run.
 * @param checks How many checks it makes; without it, as many as the kernel has counted.
 * @param setting How; a void turn is noted there.
 * @returns What came of it; nothing when the kernel counted anything but half handshakes, and so the turn is void.
 */
export async function halfOpenTurn(
  { name, hasSockets = true }: { name: string; hasSockets?: boolean },
  job: Omit<Job, "isolated">,
  checks: number | undefined,
  setting: Setting,
): Promise<Run | undefined> {
  const run = await turn(job, setting);
  const { counted } = run;
  if (counted === undefined) return run;
  const made = checks ?? counted.ActiveOpens;
  // SYNs that come from no socket are only counted when they come in.
  const opened = hasSockets ? made : 0;
  if (isHalfOpen(counted, made, opened, job.port)) return run;
  console.error(`Void, ${name}: ${checks ?? ""} checks, and the kernel counted`, counted);
  setting.voids.push(name);
  return undefined;
}

/** Whether the kernel counted SYN, SYN-ACK and RST (or SYN and RST) a check, and nobody could accept. */
function isHalfOpen(counted: KernelCounters, checks: number, opened: number, port: Job["port"]): boolean {
  const segments = checks * (port === "open" ? 3 : 2);
  return counted.OutSegs === segments - checks + opened && counted.InSegs === segments && counted.PassiveOpens === 0 &&
    counted.ActiveOpens === opened && counted.OutRsts === checks;
}
