/** Options of a hub. */

import type { AgentOptions, ReloadStatus } from "@tcp-shaker/monitor/agent";
import type { ConnectOptions } from "../connect.ts";

/** Options of `Hub.start()`. */
export interface HubOptions
  extends Pick<AgentOptions, "listen" | "database" | "startServer" | "onEvent" | "onMessage"> {
  /** The hub's unique name. */
  readonly name: string;
  /** The servers, and the hub's key. */
  readonly nats: ConnectOptions;
  /** Path of a configuration with the sections `serve` and `sinks`. */
  readonly source?: string;
  /** Called with the outcome of each reload. */
  readonly onReload?: (status: ReloadStatus) => void;
  /**
   * Duration of the hub's lease in ms. If the notifying hub fails, another one takes over within this time.
   *
   * @default {10000}
   */
  readonly lease?: number;
}
