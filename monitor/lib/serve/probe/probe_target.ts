/** Target of a probe. Decides like blackbox_exporter whether there is a host to look up. */

import { formatTarget, type HostPort, parseTarget } from "@tcp-shaker/tcp-shaker";

/** Parsed target of a probe. */
export interface ProbeTarget {
  /** Whether the target consists of a host and a port, valid or not, so that the metrics of the lookup are present. */
  readonly isSplit: boolean;
  /** The host and the port; absent if the host is neither a name nor an address. */
  readonly endpoint?: HostPort;
  /** Why the target can't be checked, although its host is looked up. */
  readonly problem?: string;
}

/** Go's `net.SplitHostPort()`: a host, in brackets if it contains colons, and a port. */
const HOST_AND_PORT = /^(?:\[([^[\]]*)\]|([^:[\]]*)):[^:[\]]*$/;

/**
 * Parses a target.
 *
 * @param text The target.
 * @returns The target. A port that is out of range or not a number is replaced by another one.
 */
export function parseProbeTarget(text: string): ProbeTarget {
  try {
    return { isSplit: true, endpoint: parseTarget(text) };
  } catch (error) {
    const problem = (error as Error).message;
    const [, address, name] = HOST_AND_PORT.exec(text) ?? [];
    const host = address ?? name;
    return host === undefined ? { isSplit: false, problem } : { isSplit: true, problem, endpoint: withAnyPort(host) };
  }
}

function withAnyPort(hostname: string): HostPort | undefined {
  try {
    return parseTarget(formatTarget({ hostname, port: 1 }));
  } catch {
    return undefined;
  }
}
