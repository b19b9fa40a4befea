/** Requests for HTML pages and their assets. */

import { ASSETS, findAsset } from "../page/assets.ts";
import { renderFleet } from "../page/fleet_page.tsx";
import { NO_GROUP, targetHref } from "../page/html/links.ts";
import { readFleet, readTarget } from "../page/read_model.ts";
import { renderTarget } from "../page/target_page.tsx";
import { STATE_FILTERS } from "../status/target_filter.ts";
import { Query } from "./api/query.ts";
import { entityTag } from "./api/json_reply.ts";
import { HttpError } from "./http/http_error.ts";
import { pageProblems } from "./page_problems.ts";
import type { Reply } from "./http/reply.ts";
import type { RoutedRequest } from "./context/routed_request.ts";
import { decodeTargetId } from "./http/target_id.ts";

/** Content-Security-Policy: only scripts and style sheets of this server, none inline. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join("; ");
/** A file's name changes with its content. */
const FOREVER = "public, max-age=31536000, immutable";

/** `GET /?q=text&group=db&state=down&window=90d&page=2`. */
export async function getFleetPage(request: RoutedRequest): Promise<Reply> {
  const { url, status, pages, agent } = request;
  const query = new Query(url);
  const wanted = {
    q: query.text("q"),
    group: query.text("group"),
    state: query.words("state", STATE_FILTERS)?.[0],
    window: query.words("window", ["24h", "90d"])?.[0],
    page: query.integer("page", { min: 1, max: 1e9, default: 1 }),
  };
  query.end();
  return await pages.get(JSON.stringify(wanted), async () => {
    return htmlReply(renderFleet(await readFleet(status, wanted, pageProblems(agent))));
  });
}

/** `GET /targets/:id`. */
export async function getTargetPage({ url, status, pages, parts }: RoutedRequest): Promise<Reply> {
  new Query(url).end();
  const id = decodeTargetId(parts);
  const state = status.monitor.get(id);
  if (state === undefined) throw new HttpError(404, "There is no target with this id");
  return await pages.get(JSON.stringify([id]), async () => htmlReply(renderTarget(await readTarget(status, state))));
}

/** `GET /cells/:index?group=db`: redirects a cell of a heat map to its target. */
export async function getCell({ url, status, parts }: RoutedRequest): Promise<Reply> {
  const query = new Query(url);
  const group = query.text("group") ?? "";
  query.end();
  const { groups } = await status.snapshot();
  const state = groups.get(group === NO_GROUP && !groups.has(group) ? "" : group)?.states[Number(parts.index)];
  if (state === undefined) throw new HttpError(404, "There is no target in this cell");
  return { status: 303, body: [], headers: { Location: targetHref(state.id, "../") } };
}

/** `GET /assets/:name`. */
export function getAsset({ parts }: RoutedRequest): Reply {
  const asset = findAsset(parts.name ?? "");
  if (asset === undefined) throw new HttpError(404, "There is no such file");
  return { type: asset.type, body: [asset.text], headers: { "Cache-Control": FOREVER } };
}

/** `GET /favicon.ico`, which browsers request for pages without HTML. */
export function getFavicon(): Reply {
  return {
    status: 303,
    body: [],
    headers: { Location: `assets/${ASSETS.icon.name}`, "Cache-Control": "max-age=3600" },
  };
}

function htmlReply(html: string): Reply {
  return {
    type: "text/html; charset=utf-8",
    body: [html],
    headers: {
      "Content-Security-Policy": PAGE_POLICY,
      "Cache-Control": "private, no-cache",
      ETag: entityTag(html),
    },
  };
}
