/** Messages about the end of a connection: which server, what is wrong, and what to do. */

import { jserrors } from "@nats-io/jetstream/internal";
import { errors } from "@nats-io/nats-core";
import { printable } from "@tcp-shaker/tcp-shaker/quote";
import { ListError } from "../list/list_error.ts";
import { isDenied, isLost, isUnavailable, isUnknownKey } from "../nats/error_kinds.ts";

/**
 * Makes a request. An error of the connection gets an explanation.
 *
 * @param request The request.
 * @param server The server, or all servers that were tried.
 * @param name The name of the agent, the hub or the command.
 * @returns The answer.
 * @throws {Error} If it fails, with an explanation if it is an error of the connection.
 */
export async function explained<T>(request: () => Promise<T>, server: string, name: string): Promise<T> {
  try {
    return await request();
  } catch (error) {
    if (error instanceof ListError || error instanceof RangeError) throw error;
    throw new Error(problemOf(error as Error, server, name), { cause: error });
  }
}

/**
 * Explains an error of a connection.
 *
 * @param error The error.
 * @param server The server, or all servers that were tried.
 * @param name The name of the agent, the hub or the command.
 * @returns The explanation.
 */
export function problemOf(error: Error, server: string, name: string): string {
  if (error instanceof ListError) return `${error.message}: run tcp-checker fleet apply again`;
  // The generated configuration permits every request that a user makes.
  if (isDenied(error)) return `${server} knows the key as another user's: use the key of ${name}`;
  if (isUnknownKey(error)) return `${server} rejects the key: use a key that is in its configuration`;
  if (error instanceof jserrors.JetStreamNotEnabled) {
    return `${server} has no JetStream: enable it, as the configuration by fleet nats-config does`;
  }
  if (isUnavailable(error)) {
    return `${server} has no fleet, or its cluster has no leader: put a target list in force by tcp-checker fleet apply`;
  }
  if (isLost(error)) {
    return `${server} has closed the connection, or can't be reached`;
  }
  if (error instanceof errors.TimeoutError) return `${server} does not answer in time`;
  if (error.message.includes("UnknownIssuer")) {
    return `${server} has a certificate of an unknown authority: give the certificate of the authority with --ca`;
  }
  return `${server}: ${printable(error.message)}`;
}
