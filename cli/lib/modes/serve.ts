/** The HTTP server of `--listen`. */

import type { Monitor } from "@tcp-shaker/monitor";
import type { AgentServer, AgentView, StartServer } from "@tcp-shaker/monitor/serve";
import { printError } from "../output.ts";
import { UsageError } from "../usage_error.ts";

/** Starts the server. Its module is loaded on demand. */
export const startServer: StartServer = async (agent) => {
  const { startServer, isLoopback } = await import("@tcp-shaker/monitor/serve");
  const server = await startServer(agent).catch((error) => {
    throw error instanceof TypeError ? new UsageError(error.message) : error;
  });
  const { hostname, port } = server.address;
  const address = hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
  printError(`tcp-checker: listening on ${address}`);
  if (!isLoopback(hostname) && agent.configuration.serve.readToken === undefined) {
    printError(`tcp-checker: ${address} is open to the network: set serve.read_token_file`);
  }
  return server;
};

/**
 * Serves a monitor without a configuration file.
 *
 * @param monitor The monitor.
 * @param listen The listen address; `undefined` for no server.
 * @param parts The recent results of each target, the stored history, and further families of metrics.
 * @returns The server.
 */
export async function serveMonitor(
  monitor: Monitor,
  listen: string | undefined,
  parts: Pick<AgentView, "recent" | "history" | "metrics"> = {},
): Promise<AgentServer | undefined> {
  if (listen === undefined) return undefined;
  const reloadStatus = { isSuccessful: true, succeededAt: Date.now(), problems: [] };
  const view: AgentView = {
    monitor,
    configuration: { monitor: {}, targets: [], groups: {}, lists: [], serve: { listen }, sinks: [] },
    reloadStatus,
    ...parts,
    lists: () => [],
    sinks: () => [],
    reload: () => Promise.resolve(reloadStatus),
  };
  return await startServer(view);
}
