/** Start of servers of node:net and node:http. */

import type { Server } from "node:net";
import type { ListenAddress } from "./listen_address.ts";

/**
 * Starts listening.
 *
 * @param server The server.
 * @param address The address.
 * @throws {Error} If listening fails.
 */
export async function listen(server: Server, { hostname, port }: ListenAddress): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject).listen({ host: hostname, port }, resolve);
  await promise;
  // A later error, such as accept() without free descriptors, must not end the process.
  server.off("error", reject).on("error", () => {});
}
