/** Classification of errors of connections and servers. */

import { JetStreamApiError } from "@nats-io/jetstream";
import { errors } from "@nats-io/nats-core";

/** The client's error message for requests that were pending when the connection was lost. */
const LOST = "connection closed";
/** The code of JetStream's error for a stream that does not exist. */
const STREAM_NOT_FOUND = 10059;

/** The connection was lost. */
export class LostConnection extends Error {
  /** Creates the error. */
  constructor() {
    super(LOST);
    this.name = "LostConnection";
  }
}

/** Whether an error means that the connection was lost, or explains such an error. */
export function isLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error instanceof errors.ClosedConnectionError || error.message === LOST || isLost(error.cause);
}

/** Whether a server denies a request that the right user may make, because the key belongs to another user. */
export function isDenied(error: Error): boolean {
  return hasCause(error, (cause) => cause instanceof errors.PermissionViolationError);
}

/** Whether a server has no user with the key. The client's error class also covers timeouts. */
export function isUnknownKey(error: Error): boolean {
  return hasCause(error, (cause) => cause instanceof errors.AuthorizationError && !/timeout/i.test(cause.message));
}

/** Whether an error means that a stream does not exist. */
export function isStreamMissing(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND;
}

/** Whether an error means that a stream does not exist, or has no leader. */
export function isUnavailable(error: Error): boolean {
  return hasCause(error, (cause) => cause instanceof errors.NoRespondersError || isStreamMissing(cause));
}

function hasCause(error: Error, is: (cause: unknown) => boolean): boolean {
  return is(error) || is(error.cause);
}
