/** Error messages of connections: the server, the problem, and the remedy. */

import { jserrors } from "@nats-io/jetstream/internal";
import { errors } from "@nats-io/nats-core";
import { printable } from "@tcp-shaker/tcp-shaker/quote";
import type { ConnectOptions } from "../connect.ts";
import { ListError } from "../list/list_error.ts";
import { isDenied, isLost, isUnavailable, isUnknownKey } from "../nats/error_kinds.ts";

/** User of a connection: its name, and its key if it has one. */
type User = Pick<ConnectOptions, "name" | "seed">;

/**
 * Makes a request, and explains an error of the connection.
 *
 * @param request The request.
 * @param server The server, or all servers that were tried.
 * @param user The agent, the hub or the command.
 * @returns The answer.
 * @throws {Error} If the request fails, with an explanation if the connection caused the error.
 */
export async function explained<T>(request: () => Promise<T>, server: string, user: User): Promise<T> {
  try {
    return await request();
  } catch (error) {
    if (error instanceof ListError || error instanceof RangeError) throw error;
    throw new Error(problemOf(error as Error, server, user), { cause: error });
  }
}

/**
 * Explains an error of a connection.
 *
 * @param error The error.
 * @param server The server, or all servers that were tried.
 * @param user The agent, the hub or the command.
 * @returns The explanation.
 */
export function problemOf(error: Error, server: string, { name, seed }: User): string {
  if (error instanceof ListError) return `${error.message}: run tcp-checker fleet apply again`;
  // The generated configuration permits all requests of the right user.
  if (isDenied(error)) return `${server} has this key for another user: use the key of ${name}`;
  if (isUnknownKey(error)) {
    return seed === undefined
      ? `${server} requires a key: add --seed-file FILE`
      : `${server} rejects the key: use a key that is in its configuration`;
  }
  if (error instanceof jserrors.JetStreamNotEnabled) {
    return `${server} has no JetStream: enable it, as fleet nats-config does`;
  }
  if (isUnavailable(error)) {
    return `${server} has no fleet, or its cluster has no leader: put a target list in force with tcp-checker fleet apply`;
  }
  if (isLost(error)) {
    return `${server} closed the connection, or can't be reached`;
  }
  if (error instanceof errors.TimeoutError) return `${server} does not answer in time`;
  if (error.message.includes("UnknownIssuer")) {
    return `${server} has a certificate of an unknown CA: give the CA's certificate with --ca`;
  }
  return `${server}: ${printable(error.message)}`;
}
