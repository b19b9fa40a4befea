/** Classification of errors of connections and servers. */

import { JetStreamApiError } from "@nats-io/jetstream";
import { errors } from "@nats-io/nats-core";

/** The message of the client's errors for requests that were pending when the connection was lost. */
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

/** Whether an error means that the connection was lost, or is an explanation of such an error. */
export function isLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error instanceof errors.ClosedConnectionError || error.message === LOST || isLost(error.cause);
}

/** Whether a server knows the key as another user's: it denies a request that the user of the right key may make. */
export function isDenied(error: Error): boolean {
  return hasCause(error, (cause) => cause instanceof errors.PermissionViolationError);
}

/** Whether a server knows no user with the key. The client's class also covers timeouts. */
export function isUnknownKey(error: Error): boolean {
  return hasCause(error, (cause) => cause instanceof errors.AuthorizationError && !/timeout/i.test(cause.message));
}

/** Whether an error means that a stream does not exist. */
export function isStreamMissing(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND;
}

/** Whether an error says that a stream does not exist, or that no server is its leader. */
export function isUnavailable(error: Error): boolean {
  return hasCause(error, (cause) => cause instanceof errors.NoRespondersError || isStreamMissing(cause));
}

function hasCause(error: Error, is: (cause: unknown) => boolean): boolean {
  return is(error) || is(error.cause);
}
