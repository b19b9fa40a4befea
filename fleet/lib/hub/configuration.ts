/** Configuration of a hub. */

import {
  type AgentServer,
  type AgentView,
  type Configuration,
  ConfigurationError,
  readConfiguration,
} from "@tcp-shaker/monitor/agent";
import { withOverrides } from "@tcp-shaker/monitor/parts";
import type { HubOptions } from "./options.ts";

/** Options of `Hub.start()` that the configuration depends on. */
export type ConfigurationOptions = Pick<HubOptions, "source" | "listen" | "database">;

/**
 * Loads the configuration, which must have no targets: they come from the fleet's list.
 *
 * @throws {ConfigurationError} If the configuration is invalid, or has targets.
 */
export async function loadConfiguration({ source, listen, database }: ConfigurationOptions): Promise<Configuration> {
  const read: Configuration = source === undefined
    ? { monitor: {}, targets: [], groups: {}, lists: [], serve: {}, sinks: [] }
    : await readConfiguration(source);
  if (read.targets.length + read.lists.length > 0) {
    throw new ConfigurationError([{
      message:
        "targets: A hub's targets come from the fleet's list: remove them here, and add them with tcp-checker fleet apply",
    }]);
  }
  return withOverrides(read, { listen, database });
}

/** Starts the HTTP server by the function of the options. */
export function startServer({ startServer }: HubOptions, hub: AgentView): Promise<AgentServer> {
  if (startServer !== undefined) return startServer(hub);
  throw new ConfigurationError([{ message: "serve.listen: This hub has no HTTP server: remove serve.listen" }]);
}
