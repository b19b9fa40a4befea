/** A target, and one check of it. */

/** Something to check. */
export interface Target {
  /** As the user wrote it, or as it would be written: without control and format characters. */
  readonly text: string;
  /** An IPv6 address is in brackets. */
  readonly hostname: string;
  readonly port: number;
  /** Whether it has a name that must be resolved. */
  readonly isName: boolean;
}

/** One check, in the shape in which the module takes it, and which the module's results give back. */
export interface Request {
  readonly hostname: string;
  readonly port: number;
  readonly target: Target;
  /** Counts the checks of a run, from 0. */
  readonly number: number;
  /** Counts the checks of the target, from 1. */
  readonly round: number;
}

/** Makes a request. */
export function request(target: Target, number: number, round = 1): Request {
  return { hostname: target.hostname, port: target.port, target, number, round };
}
