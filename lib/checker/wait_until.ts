/** Polling of one target, until it is up, or down. */

import { WaitDeadlineError } from "../errors.ts";
import { assertOptions } from "../option_names.ts";
import type { CheckOptions, WaitOptions } from "../options.ts";
import { pause } from "./pause.ts";
import { quote } from "../quote.ts";
import { resolveSignal } from "../resolved_options.ts";
import type { CheckResult, CheckTarget } from "../result.ts";

/** Defaults in ms. */
const DEFAULT_DEADLINE = 60_000;
const DEFAULT_INTERVAL = 250;
/** Longest time in ms: the limit of `setTimeout()`. */
const MAX_TIME = 2 ** 31 - 1;

/** Lookup errors that mean "down", because the name has no address. With other codes the resolver did not answer. */
const NO_ADDRESS: ReadonlySet<string> = new Set(["EAI_NONAME", "EAI_NODATA", "SINKHOLE"]);

/**
 * See {@linkcode Checker.waitUntil}.
 *
 * @param check Makes one check of the target, with the checker's own defaults.
 * @param target The target, for messages.
 * @param options The wanted state, and the options of the checks.
 * @returns The result that ended the wait.
 */
export async function waitUntil<Result extends CheckResult>(
  check: (options: CheckOptions) => Promise<Result>,
  target: CheckTarget,
  options: WaitOptions,
): Promise<Result> {
  assertOptions(options, "waitUntil()");
  const {
    state = "up",
    deadline = DEFAULT_DEADLINE,
    interval = DEFAULT_INTERVAL,
    stableFor = 0,
    signal: given,
    onResult,
    ...checkOptions
  } = options;
  assertWait({ state, deadline, interval, stableFor });
  if (onResult !== undefined && typeof onResult !== "function") {
    throw new TypeError(`Cannot wait: onResult must be a function: ${quote(onResult)}`);
  }
  const signal = resolveSignal(given);
  signal?.throwIfAborted();

  const expiry = new AbortController();
  const timer = deadline === Infinity ? undefined : setTimeout(() => expiry.abort(), deadline);
  const ended = endOf(signal, timer && expiry.signal);
  let last: Result | undefined;
  let stableSince: number | undefined;
  try {
    while (true) {
      const startedAt = performance.now();
      // The deadline cancels the check. A shorter timeout instead would report a slow answer as a timeout.
      last = await check({ ...checkOptions, signal: ended });
      onResult?.(last);
      if (isIn(state, last)) {
        stableSince ??= startedAt;
        const remaining = stableFor - (startedAt - stableSince);
        if (remaining <= 0) return last;
        await pause(Math.min(interval, remaining), ended);
      } else {
        stableSince = undefined;
        await pause(interval, ended);
      }
    }
  } catch (error) {
    if (!expiry.signal.aborted) throw error;
    throw new WaitDeadlineError(target, { state, deadline, stableFor }, last);
  } finally {
    clearTimeout(timer);
  }
}

/** Combines signals. Returns a single signal unchanged, because thousands of waits may share one. */
function endOf(signal: AbortSignal | undefined, expiry: AbortSignal | undefined): AbortSignal | undefined {
  return signal && expiry ? AbortSignal.any([signal, expiry]) : signal ?? expiry;
}

/** Whether a result shows the state. A local error, a denied address and a resolver without an answer show neither. */
function isIn(state: "up" | "down", result: CheckResult): boolean {
  switch (result.status) {
    case "up":
      return state === "up";
    case "refused":
    case "unreachable":
      return state === "down";
    case "timeout":
      return state === "down" && result.phase === "connect";
    case "unresolved":
      return state === "down" && NO_ADDRESS.has(result.code);
    case "denied":
    case "local-error":
      return false;
  }
}

function assertWait({ state, ...times }: Required<Pick<WaitOptions, "state" | "deadline" | "interval" | "stableFor">>) {
  if (state !== "up" && state !== "down") {
    throw new TypeError(`Cannot wait: state must be "up" or "down": ${quote(state)}`);
  }
  for (const [name, time] of Object.entries(times)) {
    if (typeof time !== "number") throw new TypeError(`Cannot wait: ${name} must be a number: ${quote(time)}`);
    if (name === "deadline" && time === Infinity) continue;
    if (!(time >= 0 && time <= MAX_TIME)) {
      throw new RangeError(`Cannot wait: ${name} must be from 0 to ${MAX_TIME} ms, it is ${time}`);
    }
  }
}
