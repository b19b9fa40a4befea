/** Options of an agent. */

import type { Configuration } from "../config/configuration.ts";
import type { ConfigurationHost } from "../config/load.ts";
import type { MonitorEvent } from "../event.ts";
import type { Monitor, MonitorParts } from "../monitor.ts";
import type { ReloadStatus, StartServer } from "./view.ts";

/** Options of `Agent.start()`. */
export interface AgentOptions {
  /** Path of the configuration file; or a configuration, which can't be reloaded. */
  readonly source: string | Configuration;
  /** Address of the HTTP server, `"host:port"`. Overrides the configuration's `serve.listen`. */
  readonly listen?: string;
  /** Path of the history file. Overrides the configuration's `database.file`. */
  readonly database?: string;
  /** Reads the configuration, variables and files. */
  readonly host?: ConfigurationHost;
  /** Called with each event. The next call waits for the returned promise; sinks don't wait for it. */
  readonly onEvent?: (event: MonitorEvent) => void | Promise<void>;
  /** Called with messages for the log, such as that a delivery or the read of a list has failed. */
  readonly onMessage?: (message: string) => void;
  /**
   * Called with the outcome of each reload, and with the monitor and the configuration in force. It is not called once
   * the agent ends.
   */
  readonly onReload?: (
    status: ReloadStatus,
    agent: { readonly monitor: Monitor; readonly configuration: Configuration },
  ) => void;
  /** Starts the HTTP server. It is an error to set an address without this function. */
  readonly startServer?: StartServer;
  /** Parts of the monitor. */
  readonly parts?: MonitorParts;
}
