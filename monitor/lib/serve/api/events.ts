/** Requests for events: as JSON, and as a stream. */

import { parseEventId } from "../../history/event_id.ts";
import type { Reply } from "../http/reply.ts";
import type { RoutedRequest } from "../context/routed_request.ts";
import { jsonReply, RawJson } from "./json_reply.ts";
import { available } from "./history.ts";
import { Query } from "./query.ts";

const LIMIT = { min: 1, max: 1000, default: 100 };
const ORDERS = ["oldest", "newest"] as const;

/**
 * `GET /api/v1/events?after=1-42&target=...&from=...&to=...&order=newest&limit=100`; or a stream of server-sent events.
 */
export function getEvents(request: RoutedRequest): Promise<Reply> {
  return wantsStream(request.message.headers.accept) ? streamEvents(request) : listEvents(request);
}

async function listEvents({ status, url }: RoutedRequest): Promise<Reply> {
  const query = new Query(url);
  const after = readEventId(query);
  const [target, from, to] = [query.text("target"), query.time("from"), query.time("to")];
  const order = query.words("order", ORDERS)?.[0] ?? (after === undefined ? "newest" : "oldest");
  const limit = query.integer("limit", LIMIT);
  query.end();
  const [events, hasAll] = await available(Promise.all([
    status.history.events({ after, target, from, to, limit, newestFirst: order === "newest" }),
    after === undefined || status.hasAllAfter(after),
  ]));
  return jsonReply("events", {
    events: events.map(({ id, json }) => new RawJson(`{"id":"${id}","event":${json}}`)),
    next: events.length === limit ? events.at(-1)!.id : undefined,
    lost: hasAll ? undefined : true,
  });
}

function streamEvents({ message, url, eventStreams }: RoutedRequest): Promise<Reply> {
  const query = new Query(url);
  const after = readEventId(query);
  query.end();
  // A browser that reconnects sends the id of the last event.
  const last = message.headers["last-event-id"];
  return eventStreams.reply(typeof last === "string" && last !== "" ? last : after);
}

function readEventId(query: Query): string | undefined {
  const id = query.text("after");
  if (id !== undefined && parseEventId(id) === undefined) {
    query.problem("after must be the id of an event, such as 1-42");
  }
  return id;
}

function wantsStream(accept = ""): boolean {
  return accept.split(",").some((type) => type.split(";")[0].trim().toLowerCase() === "text/event-stream");
}
