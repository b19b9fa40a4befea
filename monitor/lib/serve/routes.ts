/** Routes of the HTTP server. */

import { problemLine } from "../config/problem.ts";
import { getEvents } from "./api/events.ts";
import { getSeries, getUptime } from "./api/history.ts";
import { Query } from "./api/query.ts";
import { getSummary } from "./api/summary.ts";
import { getTarget, listTargets } from "./api/targets.ts";
import type { Access } from "./guard.ts";
import { HttpError } from "./http/http_error.ts";
import { CONTENT_TYPE } from "./metrics/exposition.ts";
import { collectMetrics } from "./metrics/metrics.ts";
import { getAsset, getCell, getFavicon, getFleetPage, getTargetPage } from "./page_requests.ts";
import { probePage } from "./probe/probe_page.ts";
import type { Reply } from "./http/reply.ts";
import type { RoutedRequest } from "./context/routed_request.ts";
import { maintain, report } from "./target_requests.ts";

/** Handles a request. */
export type Handler = (request: RoutedRequest) => Reply | Promise<Reply>;

/** A route. */
export interface Route {
  /** `HEAD` is handled as `GET` without the body. */
  readonly method: "GET" | "POST";
  /** The pattern of the path. */
  readonly path: URLPattern;
  /** Access level of the route. */
  readonly access: Access;
  readonly handle: Handler;
}

/** All routes. */
const ROUTES: readonly Route[] = [
  route("GET", "/", "read", getFleetPage),
  route("GET", "/targets/:id", "read", getTargetPage),
  route("GET", "/cells/:index(\\d{1,7})", "read", getCell),
  route("GET", "/live", "read", ({ pageStreams, url }) => {
    new Query(url).end();
    return pageStreams.reply();
  }),
  route("GET", "/assets/:name", "open", getAsset),
  route("GET", "/favicon.ico", "open", getFavicon),
  route("GET", "/metrics", "read", async ({ agent, uptimes, url }) => {
    const query = new Query(url);
    const group = query.text("group");
    query.end();
    return { type: CONTENT_TYPE, body: await collectMetrics(agent, uptimes, group) };
  }),
  route("GET", "/probe", "read", probePage),
  route("GET", "/-/healthy", "open", () => ({ body: ["Healthy\n"] })),
  route("GET", "/-/ready", "open", () => ({ body: ["Ready\n"] })),
  route("POST", "/-/reload", "write", async ({ agent, url }) => {
    new Query(url).end();
    const { isSuccessful, problems } = await agent.reload();
    if (isSuccessful) return { body: ["The configuration was reloaded\n"] };
    return { status: 400, body: [`${problems.map((problem) => problemLine(problem)).join("\n")}\n`] };
  }),
  route("GET", "/api/v1/summary", "read", getSummary),
  route("GET", "/api/v1/targets", "read", listTargets),
  route("GET", "/api/v1/targets/:id", "read", getTarget),
  route("GET", "/api/v1/targets/:id/series", "read", getSeries),
  route("GET", "/api/v1/uptime", "read", getUptime),
  route("GET", "/api/v1/events", "read", getEvents),
  route("POST", "/api/v1/targets/:id/report", "write", report),
  route("POST", "/api/v1/targets/:id/maintenance", "write", maintain),
];

/** Routes with a fixed path, because {@linkcode URLPattern.exec} costs more CPU than a probe's check. */
const FIXED: ReadonlyMap<string, readonly Route[]> = Map.groupBy(
  ROUTES.filter(({ path }) => isFixed(path)),
  ({ path }) => path.pathname,
);
const PATTERNS = ROUTES.filter(({ path }) => !isFixed(path));

/**
 * Finds the route of a request.
 *
 * @param method The method.
 * @param url The URL.
 * @returns The route, and the named parts of the path.
 * @throws {HttpError} If there is no route.
 */
export function findRoute(method: string, url: URL): { route: Route; parts: RoutedRequest["parts"] } {
  const matches = FIXED.get(url.pathname)?.map((route) => ({ route, parts: {} })) ?? matchPatterns(url);
  if (matches.length === 0) throw new HttpError(404, "There is no such page");
  const wanted = method === "HEAD" ? "GET" : method;
  const match = matches.find(({ route }) => route.method === wanted);
  if (match !== undefined) return match;
  const methods = matches.map(({ route }) => route.method).join(", ");
  throw new HttpError(405, `The method must be ${methods}`, { Allow: methods });
}

function matchPatterns(url: URL) {
  return PATTERNS.flatMap((route) => {
    const match = route.path.exec({ pathname: url.pathname });
    return match === null ? [] : [{ route, parts: match.pathname.groups }];
  });
}

function isFixed({ pathname }: URLPattern): boolean {
  return !pathname.includes(":");
}

function route(method: Route["method"], pathname: string, access: Access, handle: Handler): Route {
  return { method, path: new URLPattern({ pathname }), access, handle };
}
