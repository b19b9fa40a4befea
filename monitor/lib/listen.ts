/** Start of servers of node:net and node:http. */

import type { Server } from "node:net";
import type { ListenAddress } from "./listen_address.ts";

/**
 * Lets a server listen.
 *
 * @param server The server.
 * @param address The address.
 * @throws {Error} If the address can't be listened at.
 */
export async function listen(server: Server, { hostname, port }: ListenAddress): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject).listen({ host: hostname, port }, resolve);
  await promise;
  // A later failure, of accept() for lack of descriptors, must not end the process.
  server.off("error", reject).on("error", () => {});
}
