/** Access control of the HTTP server. */

import { Buffer } from "node:buffer";
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import type { ServeConfiguration } from "../config/configuration.ts";
import type { Secret } from "../config/values/secret.ts";
import { HttpError } from "./http/http_error.ts";

/** Access level of a request: it needs no token, the read token, or the write token. */
export type Access = "open" | "read" | "write";

/**
 * Rejects a request that is not allowed.
 *
 * @param request The request.
 * @param access The access level.
 * @param configuration Tokens and host names.
 * @throws {HttpError} If the request is not allowed.
 */
export function admit(
  { headers, headersDistinct }: IncomingMessage,
  access: Access,
  configuration: ServeConfiguration,
): void {
  const { hosts = [], readToken, writeToken } = configuration;
  // RFC 9112, 3.2. A proxy may have used the other one.
  if ((headersDistinct.host?.length ?? 0) > 1) throw new HttpError(400, "The header Host is given twice: send it once");
  // HAProxy's health checks by HTTP/1.0 have no Host. Browsers always send it.
  if (headers.host === undefined && access === "open") return;
  const host = hostName(headers.host ?? "");
  // With DNS rebinding, a page of another site, whose name now resolves to this host, sends the name of that site.
  const isKnown = (host: string) => host === "localhost" || hosts.some((name) => name.toLowerCase() === host);
  if (host === undefined || (isIP(host) === 0 && !isKnown(host))) {
    throw new HttpError(421, "The header Host must be an IP address, localhost, or a name in serve.hosts");
  }
  if (access === "open") return;
  if (access === "read") return readToken && requireReader(headers.authorization, readToken, writeToken);
  if (isCrossSite(headers)) throw new HttpError(403, "The request comes from another site");
  if (writeToken === undefined) {
    throw new HttpError(403, "Requests that change state are off: set serve.write_token_file");
  }
  requireToken(headers.authorization, writeToken);
}

/** Returns the host of a header Host, without port and brackets, in lower case; `undefined` if it is malformed. */
function hostName(host: string): string | undefined {
  const [, address, name] = /^(?:\[([\da-f:.]+)\]|([^\s:/?#@[\]]+))(?::\d+)?$/i.exec(host) ?? [];
  return (address ?? name)?.toLowerCase();
}

/** Whether a page of another site caused the request. Only browsers send these headers. */
function isCrossSite({ host, origin, "sec-fetch-site": site }: IncomingMessage["headers"]): boolean {
  if (site !== undefined && site !== "same-origin" && site !== "none") return true;
  return origin !== undefined && URL.parse(origin)?.host !== host;
}

/** Requires a token, as a bearer token, or as the password of any user, because browsers ask for user and password. */
function requireReader(authorization: string | undefined, ...tokens: readonly (Secret | undefined)[]): void {
  const [, encoded] = /^Basic +(\S+) *$/i.exec(authorization ?? "") ?? [];
  const password = encoded === undefined ? undefined : Buffer.from(encoded, "base64").toString().replace(/^[^:]*:/, "");
  if (password !== undefined && tokens.some((token) => token !== undefined && isEqual(password, token.reveal()))) {
    return;
  }
  requireToken(authorization, ...tokens);
}

function requireToken(authorization: string | undefined, ...tokens: readonly (Secret | undefined)[]): void {
  const [, given] = /^Bearer +(\S+) *$/i.exec(authorization ?? "") ?? [];
  if (given !== undefined && tokens.some((token) => token !== undefined && isEqual(given, token.reveal()))) return;
  throw new HttpError(401, "The header Authorization has no valid bearer token", {
    // Basic first, because Chromium uses only the first challenge.
    "WWW-Authenticate": 'Basic realm="tcp-checker", charset="UTF-8", Bearer realm="tcp-checker"',
  });
}

/** Compares in constant time, so that the duration does not reveal the secret. */
function isEqual(given: string, secret: string): boolean {
  return timingSafeEqual(digest(given), digest(secret));
}

function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
