/** Default checker: a lazily started checker that the module's functions share. */

import { Checker } from "./checker.ts";
import type { CheckOptions, WaitOptions } from "./options.ts";
import type { CheckResult, CheckTarget, ResultTarget } from "./result.ts";

let checker: Checker | undefined;

/**
 * Returns the default checker, which {@linkcode checkAddr}, {@linkcode isReachable} and {@linkcode waitUntil} share.
 *
 * The first call starts the checker. It keeps the process alive only while checks are pending. After its disposal the next
 * call starts it again.
 *
 * @returns The checker, running or starting.
 */
export function defaultChecker(): Checker {
  checker ??= idleChecker();
  if (!checker.isReady) {
    // A failed start rejects the checks. CheckerAlreadyStartedError only means that the start is in progress.
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
 * Checks whether a target is up. The result of {@linkcode checkAddr} also has the `mode`: whether the application saw a
 * connection.
 *
 * @param target The target.
 * @param options Options of the check; a number is the timeout in ms.
 * @returns Whether a SYN-ACK came. For the reason of a `false` use {@linkcode checkAddr}.
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
 * Polls one target with the {@linkcode defaultChecker} until it is up, or down: for tests, and for scripts that start
 * services.
 *
 * @typeParam T The type of the target; see {@linkcode ResultTarget}.
 * @param target The target.
 * @param options Options of the wait and of its checks.
 * @returns The result of the check that ended the wait.
 * @throws {WaitDeadlineError} If the deadline passes first. Its `result` is that of the last check.
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
