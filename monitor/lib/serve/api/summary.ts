/** Request for the summary: numbers of targets by state and group, and active conditions. */

import { conditionsOf } from "../../status/conditions.ts";
import type { Reply } from "../http/reply.ts";
import type { RoutedRequest } from "../context/routed_request.ts";
import { jsonReply } from "./json_reply.ts";
import { Query } from "./query.ts";

/** `GET /api/v1/summary`. */
export async function getSummary({ status, url }: RoutedRequest): Promise<Reply> {
  new Query(url).end();
  const { counts, groups } = await status.snapshot();
  return jsonReply("summary", {
    ...counts,
    groups: groups.values().map(({ name, counts }) => ({ name, ...counts })).toArray(),
    conditions: conditionsOf(status.log.events()).map(({ json }) => JSON.parse(json)),
    event: status.log.newestId,
  });
}
