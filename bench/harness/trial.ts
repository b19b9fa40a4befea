/** Runs a trial of a contestant in a separate process. */

import type { Job, Run } from "./trial_process.ts";
import { UNSHARE } from "./environment.ts";
import type { KernelCounters } from "../counters/kernel_counters.ts";
import type { Setting } from "./setting.ts";

const TRIAL_PROCESS = decodeURIComponent(new URL("./trial_process.ts", import.meta.url).pathname);

/**
 * Runs a job.
 *
 * @param job The job.
 * @param setting Whether each job has its own network namespace.
 * @returns The result of the run.
 */
export async function runTrial(
  job: Omit<Job, "isolated">,
  { isolated }: Setting,
): Promise<Run> {
  const argument = JSON.stringify({ ...job, isolated } satisfies Job);
  const deno = [Deno.execPath(), "run", "--quiet", "--allow-all", TRIAL_PROCESS, argument];
  const [command, ...args] = [...isolated ? UNSHARE : [], ...deno];
  const { success, stdout } = await new Deno.Command(command, { args, stderr: "inherit" }).output();
  if (!success) throw new Error(`The trial failed: ${job.command} ${job.args.join(" ")}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

/**
 * Runs a job of a contestant that never completes a handshake.
 *
 * @param contestant Its name, and whether its SYNs come from sockets.
 * @param job The job.
 * @param checks The number of its checks; by default the SYNs that the kernel counted.
 * @param setting The settings; an invalid trial is recorded there.
 * @returns The result of the run; `undefined` if the trial is invalid, because the kernel's counts differ from those of
 * half-open handshakes.
 */
export async function runHalfOpenTrial(
  { name, hasSockets = true }: { name: string; hasSockets?: boolean },
  job: Omit<Job, "isolated">,
  checks: number | undefined,
  setting: Setting,
): Promise<Run | undefined> {
  const run = await runTrial(job, setting);
  const { counted } = run;
  if (counted === undefined) return run;
  const made = checks ?? counted.ActiveOpens;
  // The kernel counts SYNs of a raw socket only when they arrive.
  const opened = hasSockets ? made : 0;
  if (isHalfOpen(counted, made, opened, job.port)) return run;
  console.error(`Invalid, ${name}: ${checks ?? ""} checks, and the kernel counted`, counted);
  setting.invalid.push(name);
  return undefined;
}

/** Whether the kernel counted one SYN, SYN-ACK and RST (or SYN and RST) per check, and no established connection. */
function isHalfOpen(counted: KernelCounters, checks: number, opened: number, port: Job["port"]): boolean {
  const segments = checks * (port === "open" ? 3 : 2);
  return counted.OutSegs === segments - checks + opened && counted.InSegs === segments && counted.PassiveOpens === 0 &&
    counted.ActiveOpens === opened && counted.OutRsts === checks;
}
