/** What does the checks: one interface, since there is more than one way to do them. */

import type { Endpoint } from "./address.ts";
import type { ResolvedOptions } from "./options.ts";
import type { CheckResult, CheckResultBase, CheckTarget, Engine as EngineName, Mode, ProbedAddress } from "./result.ts";

/** What a result is made for. */
export interface Subject {
  /** The target as the user gave it. */
  readonly target: CheckTarget;
  /** The target, parsed. A host with commas is a list of addresses, tried as those of a name are. */
  readonly endpoint: Endpoint;
  /** Whether it is to have all the details that are known. */
  readonly details: boolean;
}

/** An address of a name, in answer to `resolve: "lookup"`. Nothing was sent to it. */
export interface Resolved extends CheckResultBase {
  readonly status: "resolved";
  readonly address: ProbedAddress;
}

/** A check under way. Neither method may throw, or wait. */
export interface Pending extends Subject {
  /** The engine's, to know it by. */
  id: number;
  /** Takes a result; `more` says that it isn't the last one. */
  settle(result: CheckResult | Resolved, more: boolean): void;
  /** Takes the reason why there will be no result. */
  fail(reason: unknown): void;
}

/** Why an engine ended by itself. */
export interface EngineFailure {
  /** The error; checks that were pending have failed with it. */
  readonly error: Error;
  /** Whether there were such checks. */
  readonly delivered: boolean;
}

/** An engine that runs. */
export interface Engine {
  /** What its results call it. */
  readonly name: EngineName;
  /** Resolves when all that the engine had is gone: with a failure if the engine ended by itself. */
  readonly ended: Promise<EngineFailure | undefined>;
  /** How many checks the engine may have under way at once. */
  readonly window: number;
  /** How many SYNs a second it sends, at most; absent if it sends as many as it is given. */
  readonly rate?: number;
  /** Chooses whether the engine keeps the process alive without pending checks. Pending checks always do. */
  keepAlive(enabled: boolean): void;
  /**
   * Starts a check. Who is told is told in a later turn.
   *
   * @param pending Who is told.
   * @param options How to check.
   */
  submit(pending: Pending, options: ResolvedOptions): void;
  /**
   * Forgets a check; nobody is told.
   *
   * @param pending Who would have been.
   */
  cancel(pending: Pending): void;
  /**
   * Fails all pending checks at once, and ends the engine.
   *
   * @param reason What the pending checks fail with.
   */
  stop(reason: unknown): void;
}

/**
 * Tells what the mode of a check would have been that was not made.
 *
 * @param engine The engine.
 * @param options How it would have checked.
 * @returns The mode.
 */
export function modeOf({ name }: Engine, { zeroLinger }: ResolvedOptions): Mode {
  return name === "connect" || !zeroLinger ? "full" : "half-open";
}
