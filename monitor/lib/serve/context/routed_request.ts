/** A request and its context, for the handlers of routes. */

import type { IncomingMessage } from "node:http";
import type { AgentView } from "../../agent/view.ts";
import type { Status } from "../../status/status.ts";
import type { UptimeCache } from "./uptime_cache.ts";
import type { EventStreams } from "../sse/event_stream.ts";
import type { PageStreams } from "../sse/page_stream.ts";
import type { PageCache } from "./page_cache.ts";
import type { ProbeCheckers } from "./probe_checkers.ts";

/** A request with its route's parameters. */
export interface RoutedRequest {
  readonly agent: AgentView;
  /** The status of the monitor. */
  readonly status: Status;
  /** Streams of events. */
  readonly eventStreams: EventStreams;
  /** Streams of open pages. */
  readonly pageStreams: PageStreams;
  /** Cache of pages. */
  readonly pages: PageCache;
  /** Uptime of all targets, for the metrics. */
  readonly uptimes: UptimeCache;
  readonly message: IncomingMessage;
  readonly url: URL;
  /** Checkers for probes. */
  readonly checkers: ProbeCheckers;
  /** Named groups of the route's pattern. */
  readonly parts: Readonly<Record<string, string | undefined>>;
}
