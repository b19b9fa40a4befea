/** Engine interface: the native engines, the connect engine, and wrappers of them implement it. */

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
  /** Takes a result. `more` is true unless the result is the last one. */
  settle(result: CheckResult | Resolved, more: boolean): void;
  /** Takes the reason why no result follows. */
  fail(reason: unknown): void;
}

/** Failure of an engine that ended by itself. */
export interface EngineFailure {
  /** The error. The pending checks have failed with it. */
  readonly error: Error;
  /** Whether there were pending checks. */
  readonly delivered: boolean;
}

/** Running engine. */
export interface Engine {
  /** The engine's name in results. */
  readonly name: EngineName;
  /** Resolves once the engine has freed its resources: with a failure if the engine ended by itself. */
  readonly ended: Promise<EngineFailure | undefined>;
  /** Concurrent checks, at most. */
  readonly window: number;
  /** SYNs a second, at most; absent without a limit. */
  readonly rate?: number;
  /** Chooses whether the engine keeps the process alive without pending checks. Pending checks always do. */
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
 * Computes the mode of a check that sent nothing: the mode that it would have had.
 *
 * @param engine The engine.
 * @param options The options of the check.
 * @returns The mode.
 */
export function modeOf({ name }: Engine, { zeroLinger }: ResolvedOptions): Mode {
  return name === "connect" || !zeroLinger ? "full" : "half-open";
}
