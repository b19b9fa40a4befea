/**
 * Half-open TCP health checks: SYN, SYN-ACK, RST, and never the last ACK, so the application behind the port sees no
 * connection. Needs Linux and `--allow-ffi`. On other systems the default is a full connect, which needs `--allow-net`; the
 * `mode` of a result distinguishes the two.
 *
 * @example
 * ```ts
 * import { checkAddr } from "@tcp-shaker/tcp-shaker";
 *
 * const result = await checkAddr("127.0.0.1:22", { timeout: 1000 });
 * console.log(result.status, result.duration);
 * ```
 *
 * @module
 */

export { Checker } from "./lib/checker/checker.ts";
export { checkAddr, defaultChecker, isReachable, waitUntil } from "./lib/checker/default_checker.ts";
export { CheckerAlreadyStartedError, CheckerNotRunningError, WaitDeadlineError } from "./lib/errors.ts";
export { loadLibrary } from "./lib/native/library.ts";
export type {
  CheckAllOptions,
  CheckDefaults,
  CheckerOptions,
  CheckerStartOptions,
  CheckOptions,
  WaitOptions,
} from "./lib/options.ts";
export type {
  CheckAllResult,
  CheckResult,
  CheckResultBase,
  CheckTarget,
  DeniedResult,
  Engine,
  HostPort,
  InvalidResult,
  LocalErrorResult,
  Mode,
  PeerDetails,
  ProbedAddress,
  RefusedResult,
  ResultTarget,
  Status,
  TimeoutResult,
  UnreachableResult,
  UnresolvedResult,
  UpResult,
} from "./lib/result.ts";
export type { PacketOptions } from "./lib/packet_options.ts";
export type { CheckReceiver, PreparedCheck } from "./lib/checker/prepared_check.ts";
export { formatTarget, parseTarget } from "./lib/targets/target.ts";
export type { ExpandOptions } from "./lib/expand_options.ts";
export { expandTargets, type TargetSet } from "./lib/targets/target_set.ts";
