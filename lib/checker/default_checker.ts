/** Default checker, started lazily and shared by the module's functions. */

import { Checker } from "./checker.ts";
import type { CheckOptions, WaitOptions } from "../options.ts";
import type { CheckResult, CheckTarget, ResultTarget } from "../result.ts";

let checker: Checker | undefined;

/**
 * Returns the default checker, which {@linkcode checkAddr}, {@linkcode isReachable} and {@linkcode waitUntil} share.
 *
 * The first call starts the checker, and so does the next call after its disposal. The checker keeps the process alive only
 * while checks are pending.
 *
 * @returns The checker, running or starting.
 */
export function defaultChecker(): Checker {
  checker ??= idleChecker();
  if (!checker.isReady) {
    // A failed start rejects the checks. A CheckerAlreadyStartedError means that the start is in progress.
    checker.checkingLoop().catch(() => {});
  }
  return checker;
}

/**
 * Checks one target with the {@linkcode defaultChecker}.
 *
 * @typeParam T The type of the target; see {@linkcode ResultTarget}.
 * @param target The target.
 * @param options Options of the check; a number is the timeout in ms.
 * @returns The result. A port that is down is not an error.
 * @throws As {@linkcode Checker.checkAddr} does.
 *
 * @example
 * ```ts
 * import { checkAddr } from "@tcp-shaker/tcp-shaker";
 *
 * const result = await checkAddr("127.0.0.1:1", { timeout: 500 });
 * console.log(result.status); // "refused", most likely
 * ```
 */
export function checkAddr<T extends CheckTarget>(
  target: T,
  options: CheckOptions | number = {},
): Promise<CheckResult<ResultTarget<T>>> {
  return defaultChecker().checkAddr(target, options);
}

/**
 * Checks whether a target is up. {@linkcode checkAddr} also returns the reason of a failure, and the `mode`: whether the
 * application may have seen a connection.
 *
 * @param target The target.
 * @param options Options of the check; a number is the timeout in ms.
 * @returns Whether a SYN-ACK came.
 * @throws As {@linkcode Checker.checkAddr} does.
 *
 * @example
 * ```ts
 * import { isReachable } from "@tcp-shaker/tcp-shaker";
 *
 * if (!await isReachable("127.0.0.1:1", 500)) console.log("the port does not answer");
 * ```
 */
export async function isReachable(target: CheckTarget, options: CheckOptions | number = {}): Promise<boolean> {
  return (await checkAddr(target, options)).status === "up";
}

/**
 * Polls one target with the {@linkcode defaultChecker} until it is up, or down, for tests and start scripts.
 *
 * @typeParam T The type of the target; see {@linkcode ResultTarget}.
 * @param target The target.
 * @param options Options of the wait and of its checks.
 * @returns The result of the check that ended the wait.
 * @throws {WaitDeadlineError} If the deadline passes first. Its `result` is the last check's.
 * @throws As {@linkcode Checker.checkAddr} does.
 *
 * @example
 * ```ts
 * import { waitUntil } from "@tcp-shaker/tcp-shaker";
 *
 * using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
 * const { status } = await waitUntil(listener.addr, { deadline: 10_000 });
 * console.log(status); // "up"
 * ```
 */
export async function waitUntil<T extends CheckTarget>(
  target: T,
  options: WaitOptions = {},
): Promise<CheckResult<ResultTarget<T>>> {
  return await defaultChecker().waitUntil(target, options);
}

function idleChecker(): Checker {
  const checker = new Checker();
  checker.unref();
  return checker;
}
