/** The request that a route handles. */

import type { IncomingMessage } from "node:http";
import type { AgentView } from "../agent/view.ts";
import type { Status } from "../status/status.ts";
import type { EventStreams } from "./sse/event_stream.ts";
import type { PageStreams } from "./sse/page_stream.ts";
import type { PageCache } from "./page_cache.ts";
import type { ProbeCheckers } from "./probe/probe_checkers.ts";

/** A request, and what its route has found in it. */
export interface RoutedRequest {
  readonly agent: AgentView;
  /** What the API reads. */
  readonly status: Status;
  /** Streams of events. */
  readonly eventStreams: EventStreams;
  /** Streams of pages that are open. */
  readonly pageStreams: PageStreams;
  /** Pages that were made lately. */
  readonly pages: PageCache;
  readonly message: IncomingMessage;
  readonly url: URL;
  /** Checkers for probes. */
  readonly checkers: ProbeCheckers;
  /** The parts of the path that the route's pattern names. */
  readonly parts: Readonly<Record<string, string | undefined>>;
}
