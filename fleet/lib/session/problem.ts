/** Messages about the end of a connection: which server, what is wrong, and what to do. */

import { jserrors } from "@nats-io/jetstream/internal";
import { errors } from "@nats-io/nats-core";
import { printable } from "@tcp-shaker/tcp-shaker/quote";
import { ListError } from "../list/list_error.ts";
import { isLost, isUnavailable } from "../nats/error_kinds.ts";

/**
 * Makes a request, and explains its errors of the connection.
 *
 * @param request The request.
 * @param server The server, or all that were tried.
 * @param name The name of the agent, the hub or the command.
 * @returns The answer.
 * @throws {Error} If it fails: with an explanation, unless the error is not of the connection.
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
 * @param server The server, or all that were tried.
 * @param name The name of the agent, the hub or the command.
 * @returns The explanation.
 */
export function problemOf(error: Error, server: string, name: string): string {
  if (error instanceof ListError) return error.message;
  const causes = [error, error.cause];
  // The configuration allows a user all that it asks for. Which of its requests the server refuses first is chance.
  if (causes.some((cause) => cause instanceof errors.PermissionViolationError)) {
    return `${server} has the key as that of another user: use the key of ${name}`;
  }
  if (causes.some((cause) => cause instanceof errors.AuthorizationError)) {
    return `${server} refuses the connection: use a key that its configuration has`;
  }
  if (error instanceof jserrors.JetStreamNotEnabled) {
    return `${server} has no JetStream: enable it, as the configuration by fleet nats-config does`;
  }
  if (isUnavailable(error)) {
    return `${server} has no fleet, or its cluster has no leader: put a target list in force by tcp-checker fleet apply`;
  }
  if (isLost(error)) {
    return `${server} has ended the connection, or can't be reached`;
  }
  if (error instanceof errors.TimeoutError) return `${server} does not answer in time`;
  if (error.message.includes("UnknownIssuer")) {
    return `${server} has a certificate of an unknown authority: give the certificate of the authority`;
  }
  return `${server}: ${printable(error.message)}`;
}
