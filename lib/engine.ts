/** Engine interface, implemented by the native engines, the connect engine, and their wrappers. */

import type { Endpoint } from "./address.ts";
import type { ResolvedOptions } from "./resolved_options.ts";
import type { CheckResult, CheckResultBase, CheckTarget, Engine as EngineName, Mode, ProbedAddress } from "./result.ts";

/** Subject of a result: the target, as given and parsed. */
export interface Subject {
  /** The target as the user gave it. */
  readonly target: CheckTarget;
  /** The target, parsed. */
  readonly endpoint: Endpoint;
  /** Whether a result that is up includes `peer`. */
  readonly details: boolean;
}

/** Result of `resolve: "lookup"`: one address of the name. No SYN was sent to it. */
export interface Resolved extends CheckResultBase {
  readonly status: "resolved";
  readonly address: ProbedAddress;
}

/** Pending check, which an engine settles. Its methods must not throw or block. */
export interface Pending extends Subject {
  /** The engine's key of the check. */
  id: number;
  /** Receives a result. `more` is false for the last one. */
  settle(result: CheckResult | Resolved, more: boolean): void;
  /** Ends the check without a result. */
  fail(reason: unknown): void;
}

/** Failure of an engine that ended without a call of `stop()`. */
export interface EngineFailure {
  /** The error that the pending checks failed with. */
  readonly error: Error;
  /** Whether there were pending checks. */
  readonly delivered: boolean;
}

/** Running engine. */
export interface Engine {
  /** The engine's name in results. */
  readonly name: EngineName;
  /** Resolves once the engine has freed its resources, with a failure if `stop()` was not called. */
  readonly ended: Promise<EngineFailure | undefined>;
  /** Maximum number of concurrent checks. */
  readonly window: number;
  /** Maximum number of SYNs per second; absent without a limit. */
  readonly rate?: number;
  /** Sets whether the engine keeps the process alive without pending checks. Pending checks always do. */
  keepAlive(enabled: boolean): void;
  /**
   * Starts a check. The check is settled in a later turn of the event loop.
   *
   * @param pending The check.
   * @param options The options of the check.
   */
  submit(pending: Pending, options: ResolvedOptions): void;
  /** Cancels a check. The check is not settled. */
  cancel(pending: Pending): void;
  /**
   * Fails all pending checks at once, and ends the engine.
   *
   * @param reason The reason that the pending checks fail with.
   */
  stop(reason: unknown): void;
}

/**
 * Computes the mode in the result of a check that sent nothing: the mode that a connection would have had.
 *
 * @param engine The engine.
 * @param options The options of the check.
 * @returns The mode.
 */
export function modeOf({ name }: Engine, { zeroLinger }: ResolvedOptions): Mode {
  return name === "connect" || !zeroLinger ? "full" : "half-open";
}
