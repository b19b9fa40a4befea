/** One connection: opened, closed, and what that tells. */

import { errnoName } from "../errno.ts";
import type { ProbedAddress } from "../result.ts";
import { toNanoseconds } from "./clock.ts";

/** An error of the system's. */
export interface SystemError {
  readonly code: string;
  readonly errno: number;
}

/**
 * What came of it. After `"gave-up"` (the system's own timeout) and `"no-descriptor"` the address can be tried again;
 * with an `"unknown-zone"` there is none.
 */
export type Answer =
  | { readonly status: "up"; readonly rtt: number }
  | { readonly status: "refused" | "unreachable" | "local-error"; readonly error: SystemError }
  | { readonly status: "gave-up" | "no-descriptor"; readonly error: SystemError }
  | { readonly status: "unknown-zone" }
  | { readonly status: "failed"; readonly reason: unknown };

/**
 * Connects, and closes the connection at once: with a FIN.
 *
 * @param address Where to.
 * @param signal Ends it.
 * @returns What came of it. It failed if the signal aborted, if Deno was run without `--allow-net` for the address, or
 * for a reason that we don't know.
 */
export async function connect({ hostname, port }: ProbedAddress, signal: AbortSignal): Promise<Answer> {
  const start = performance.now();
  try {
    using connection = await Deno.connect({ hostname, port, signal });
    const rtt = toNanoseconds(performance.now() - start);
    return isOwnEnd(connection) ? { status: "refused", error: REFUSED } : { status: "up", rtt };
  } catch (reason) {
    const error = readError(reason);
    if (error !== undefined) {
      const status = MEANING[error.code] ?? "local-error";
      return status === "up" ? { status, rtt: toNanoseconds(performance.now() - start) } : { status, error };
    }
    const isLookup = hostname.includes("%") && !signal.aborted && !(reason instanceof Deno.errors.NotCapable);
    // Of an address only the zone is looked up.
    return isLookup ? { status: "unknown-zone" } : { status: "failed", reason };
  }
}

/** What those errors stand for that are not local; for Linux's see `Status::of_network()`. */
const MEANING: Readonly<Record<string, "up" | "refused" | "unreachable" | "gave-up" | "no-descriptor">> = {
  // There was a connection, and it was reset before Deno had asked for the addresses of its ends.
  ECONNRESET: "up",
  ENOTCONN: "up",
  ECONNREFUSED: "refused",
  ENETUNREACH: "unreachable",
  EHOSTUNREACH: "unreachable",
  EHOSTDOWN: "unreachable",
  ENONET: "unreachable",
  ENOPROTOOPT: "unreachable",
  EOPNOTSUPP: "unreachable",
  EPROTO: "unreachable",
  EMSGSIZE: "unreachable",
  ETIMEDOUT: "gave-up",
  EMFILE: "no-descriptor",
  ENFILE: "no-descriptor",
};

const REFUSED: SystemError = { code: "ECONNREFUSED", errno: connectionRefused() };

/** A port that drew itself as its local port has nobody behind it (simultaneous open, RFC 9293, 3.5). */
function isOwnEnd({ localAddr, remoteAddr }: Deno.TcpConn): boolean {
  return localAddr.port === remoteAddr.port && localAddr.hostname === remoteAddr.hostname;
}

/** Reads an error of the system's; gives `undefined` for any other. */
function readError(reason: unknown): SystemError | undefined {
  // Deno has no property for the number.
  const number = reason instanceof Error && /\(os error (?<errno>\d+)\)$/.exec(reason.message)?.groups?.errno;
  if (!number) return undefined;
  const errno = Number(number);
  // And it has not the names of all of Linux's.
  if (Deno.build.os === "linux") return { code: errnoName(errno), errno };
  return { code: (reason as { code?: string }).code ?? `ERRNO_${errno}`, errno };
}

function connectionRefused(): number {
  switch (Deno.build.os) {
    case "linux":
    case "android":
      return 111;
    case "windows":
      return 10_061;
    default:
      return 61;
  }
}
