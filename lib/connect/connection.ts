/** Connection attempt by `Deno.connect()`, and its outcome. */

import { errnoName } from "../errno.ts";
import type { ProbedAddress } from "../result.ts";

/**
 * Outcome of a connection attempt. After `"gave-up"` (the system's own timeout) and `"no-descriptor"` (`EMFILE`,
 * `ENFILE`) the caller may retry the address. `"unknown-zone"` means that no interface has the address's zone.
 */
export type ConnectOutcome = { readonly status: "up" } | {
  readonly status: "refused" | "unreachable" | "local-error" | "gave-up" | "no-descriptor" | "unknown-zone";
  readonly code: string;
  readonly errno: number;
};

/**
 * Connects, and closes the connection at once with a FIN.
 *
 * @throws If the signal aborted, if Deno was run without `--allow-net` for the address, or for an unknown error.
 */
export async function connect({ hostname, port }: ProbedAddress, signal: AbortSignal): Promise<ConnectOutcome> {
  try {
    using connection = await Deno.connect({ hostname, port, signal });
    return isSelfConnection(connection) ? REFUSED : { status: "up" };
  } catch (reason) {
    const error = readError(reason);
    if (error !== undefined) return { status: MEANING[error.code] ?? "local-error", ...error };
    const isLookup = hostname.includes("%") && !signal.aborted && !(reason instanceof Deno.errors.NotCapable);
    // Of an address, Deno looks up only the zone.
    if (isLookup) return NO_SUCH_INTERFACE;
    throw reason;
  }
}

/** Status by error code; other errors are local. For Linux, `Status::of_network()` has the same table. */
const MEANING: Readonly<Record<string, ConnectOutcome["status"]>> = {
  // The peer reset an established connection before Deno called getsockname() and getpeername().
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

/** `ECONNREFUSED` by operating system; 61 on macOS and the BSDs. */
const REFUSED_ERRNO: Partial<Record<typeof Deno.build.os, number>> = { linux: 111, android: 111, windows: 10_061 };

const REFUSED = { status: "refused", code: "ECONNREFUSED", errno: REFUSED_ERRNO[Deno.build.os] ?? 61 } as const;

/** Error of a zone without an interface. `ENODEV` is 19 on every system. */
const NO_SUCH_INTERFACE = { status: "unknown-zone", code: "ENODEV", errno: 19 } as const;

/**
 * Whether the connection is a self-connection: the kernel chose the target port as the local port (simultaneous open, RFC
 * 9293, 3.5). No process listens on that port.
 */
function isSelfConnection({ localAddr, remoteAddr }: Deno.TcpConn): boolean {
  return localAddr.port === remoteAddr.port && localAddr.hostname === remoteAddr.hostname;
}

/** Reads a system error. Returns `undefined` for any other error. */
function readError(reason: unknown): { code: string; errno: number } | undefined {
  // Only the message has the errno.
  const number = reason instanceof Error && /\(os error (?<errno>\d+)\)$/.exec(reason.message)?.groups?.errno;
  if (!number) return undefined;
  const errno = Number(number);
  // Deno lacks the names of some Linux errors.
  if (Deno.build.os === "linux") return { code: errnoName(errno), errno };
  return { code: (reason as { code?: string }).code ?? `ERRNO_${errno}`, errno };
}
