/** Errors of lost connections. */

import { errors } from "@nats-io/nats-core";

/** The message of the client's errors of requests that were under way when the connection was lost. */
const LOST = "connection closed";

/** A connection was lost, though it may come back by itself. */
export class LostConnection extends Error {
  /** Makes the error. */
  constructor() {
    super(LOST);
    this.name = "LostConnection";
  }
}

/** Whether an error says that the connection was lost. */
export function isLost(error: unknown): boolean {
  return error instanceof errors.ClosedConnectionError || error instanceof Error && error.message === LOST;
}
