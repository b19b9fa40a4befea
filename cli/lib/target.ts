/** A target, and a request to check it. */

/** A host and a port. */
export interface Target {
  /** The target as given, or in the same form; without control and format characters. */
  readonly text: string;
  /** A name or an IP address; an IPv6 address is in brackets. */
  readonly hostname: string;
  readonly port: number;
  /** Whether the host is a name, which needs to be resolved. */
  readonly isName: boolean;
}

/** One check of a target. The library returns this object with the result. */
export interface CheckRequest {
  readonly hostname: string;
  readonly port: number;
  readonly target: Target;
  /** Position among the checks of the run, from 0. */
  readonly number: number;
  /** Position among the checks of the target, from 1. */
  readonly round: number;
}

/** Creates the request for a check. */
export function checkRequest(target: Target, number: number, round = 1): CheckRequest {
  return { hostname: target.hostname, port: target.port, target, number, round };
}
