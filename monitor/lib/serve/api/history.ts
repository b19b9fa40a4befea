/** Requests for the history: series of a target, and uptime. */

import { readSeries } from "../../status/series.ts";
import { HttpError } from "../http/http_error.ts";
import type { Reply } from "../http/reply.ts";
import type { RoutedRequest } from "../context/routed_request.ts";
import { decodeTargetId } from "../http/target_id.ts";
import { uptimeOf } from "../../history/uptime.ts";
import { jsonReply } from "./json_reply.ts";
import { findPage, readPageQuery } from "./page.ts";
import { Query } from "./query.ts";
import { readSteps } from "./time_range.ts";

const DAY = 86_400_000;
/** The longest window of uptime, the retention of days. */
const MAX_WINDOW = 731 * DAY;
const NO_TIMES = { up: 0, down: 0, unknown: 0, maintenance: 0 };

/** `GET /api/v1/targets/:id/series?from=...&to=...&step=1h`. */
export async function getSeries({ status, url, parts }: RoutedRequest): Promise<Reply> {
  const query = new Query(url);
  const wanted = readSteps(query);
  query.end();
  const id = decodeTargetId(parts);
  if (status.monitor.get(id) === undefined) throw new HttpError(404, "There is no target with this id");
  const points = await available(readSeries(status, id, wanted));
  return jsonReply("series", {
    id,
    step: wanted.step,
    isStored: status.isStored,
    points: points.map((point) => ({ ...point, at: new Date(point.at).toISOString() })),
  });
}

/** `GET /api/v1/uptime?window=24h&group=db`. */
export async function getUptime({ status, url }: RoutedRequest): Promise<Reply> {
  const query = new Query(url);
  const window = query.duration("window") ?? DAY;
  if (window > MAX_WINDOW) query.problem("window must be at most 731d");
  const wanted = readPageQuery(query);
  query.end();
  const { total, states, next } = findPage(await status.snapshot(), wanted);
  const to = Date.now();
  const from = to - window;
  const uptimes = await available(status.history.uptime({ from, to, ids: states.map(({ id }) => id) }));
  return jsonReply("uptime", {
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    isStored: status.isStored,
    total,
    targets: states.map(({ id, group }) => ({ id, group, ...uptimes.get(id) ?? uptimeOf(NO_TIMES, window) })),
    next,
  });
}

/**
 * Waits for a read of the history.
 *
 * @throws {HttpError} If the history is unavailable.
 */
export async function available<Result>(reading: Promise<Result>): Promise<Result> {
  try {
    return await reading;
  } catch (error) {
    throw new HttpError(503, `The history is unavailable: ${(error as Error).message}`, { "Retry-After": "10" });
  }
}
