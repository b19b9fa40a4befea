/** Reads all targets, for modes that need them before the first check. */

import { abortable } from "../abortable.ts";
import type { Target } from "../target.ts";
import type { Targets } from "../targets/targets.ts";
import { UsageError } from "../usage_error.ts";

/**
 * Reads all targets.
 *
 * @param targets The targets.
 * @param signal Ends the wait for files.
 * @returns The targets, at least one.
 * @throws {UsageError} If there are none.
 * @throws The reason of the signal, if it aborts first.
 */
export async function readTargets(targets: Targets, signal: AbortSignal): Promise<readonly Target[]> {
  const all = await abortable(Array.fromAsync(targets), signal);
  if (all.length === 0) throw noTargets();
  return all;
}

/** Returns the error for files without targets. */
export function noTargets(): UsageError {
  return new UsageError("No target given: add targets to the files, or to the command line");
}
