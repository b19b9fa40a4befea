/** Requests for all targets, and for one. */

import { HttpError } from "../http/http_error.ts";
import type { Reply } from "../http/reply.ts";
import type { RoutedRequest } from "../context/routed_request.ts";
import { decodeTargetId } from "../http/target_id.ts";
import { jsonReply } from "./json_reply.ts";
import { findPage, readPageQuery } from "./page.ts";
import { Query } from "./query.ts";
import { TARGET_FIELDS, targetJson } from "./target_json.ts";

/** `GET /api/v1/targets?state=down&group=db&q=text&fields=id,state&limit=100&cursor=...`. */
export async function listTargets({ status, url }: RoutedRequest): Promise<Reply> {
  const query = new Query(url);
  const wanted = readPageQuery(query);
  const fields = query.words("fields", TARGET_FIELDS);
  query.end();
  const { total, states, next } = findPage(await status.snapshot(), wanted);
  return jsonReply("targets", { total, targets: states.map((state) => targetJson(state, fields)), next });
}

/** `GET /api/v1/targets/:id?fields=id,state`. */
export function getTarget({ status, url, parts }: RoutedRequest): Reply {
  const query = new Query(url);
  const fields = query.words("fields", TARGET_FIELDS);
  query.end();
  const state = status.monitor.get(decodeTargetId(parts));
  if (state === undefined) throw new HttpError(404, "There is no target with this id");
  return jsonReply("target", { target: targetJson(state, fields) });
}
