/** Requests that change a target: reports of real traffic, and maintenance. */

import { Query } from "./api/query.ts";
import { readObject } from "./http/body.ts";
import { HttpError } from "./http/http_error.ts";
import type { Reply } from "./http/reply.ts";
import type { RoutedRequest } from "./context/routed_request.ts";
import { decodeTargetId } from "./http/target_id.ts";

/** `POST /api/v1/targets/:id/report` with `{ "ok": false }`: a report of real traffic. */
export async function report({ agent, message, parts, url }: RoutedRequest): Promise<Reply> {
  new Query(url).end();
  const { ok } = await readObject(message, ["ok"]);
  if (typeof ok !== "boolean") throw new HttpError(400, "ok must be true or false");
  if (agent.monitor.report === undefined) throw elsewhere();
  return accepted(agent.monitor.report(decodeTargetId(parts), ok));
}

/** `POST /api/v1/targets/:id/maintenance` with `{ "on": true, "until": "2026-12-01T00:00:00Z", "reason": "update" }`. */
export async function maintain({ agent, message, parts, url }: RoutedRequest): Promise<Reply> {
  new Query(url).end();
  const { on, until, reason } = await readObject(message, ["on", "until", "reason"]);
  if (typeof on !== "boolean") throw new HttpError(400, "on must be true or false");
  if (reason !== undefined && typeof reason !== "string") throw new HttpError(400, "reason must be a string");
  const end = until === undefined ? undefined : dateOf(until);
  if (agent.monitor.setMaintenance === undefined) throw elsewhere();
  return accepted(agent.monitor.setMaintenance(decodeTargetId(parts), on, { until: end, reason }));
}

function elsewhere(): HttpError {
  return new HttpError(404, "Other programs make the checks: send the request to one of them");
}

function dateOf(until: unknown): number {
  const date = typeof until === "string" ? Date.parse(until) : NaN;
  if (Number.isNaN(date)) throw new HttpError(400, 'until must be a time such as "2026-12-01T00:00:00Z"');
  return date;
}

function accepted(isKnown: boolean): Reply {
  if (!isKnown) throw new HttpError(404, "There is no target with this id");
  return { status: 204, body: [] };
}
