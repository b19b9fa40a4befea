/** The timeout of a probe, by blackbox_exporter's rule. */

import type { IncomingMessage } from "node:http";
import { quote } from "@tcp-shaker/tcp-shaker/quote";
import type { ProbeModule } from "../../config/configuration.ts";
import { HttpError } from "../http/http_error.ts";

/** Time reserved for the response, in seconds. */
const OFFSET_S = 0.5;
/** Timeout without the header, in seconds. */
const DEFAULT_S = 120;
/** The longest timeout of a check in ms. */
const MAX_MS = 2 ** 31 - 1;
/** Values that Go's `strconv.ParseFloat()` accepts, but that are not times. */
const NOT_FINITE = /^[+-]?(?:nan|inf(?:inity)?)$/i;

/**
 * Returns the timeout: the scrape's timeout minus 0.5 s, or the module's timeout if it is less.
 *
 * @param headers The headers of the request.
 * @param module The module.
 * @returns The timeout in ms. `NaN` if the header is not finite, which makes the probe fail at once.
 * @throws {HttpError} If Prometheus' header is not a number.
 */
export function probeTimeout(headers: IncomingMessage["headers"], { timeout = 0 }: ProbeModule): number {
  const header = String(headers["x-prometheus-scrape-timeout-seconds"] ?? "");
  if (NOT_FINITE.test(header)) return NaN;
  const seconds = Number(header);
  if (Number.isNaN(seconds)) {
    throw new HttpError(500, `Failed to parse timeout from Prometheus header: ${quote(header)} is not a number`);
  }
  const most = Math.min(((seconds || DEFAULT_S) - OFFSET_S) * 1000, MAX_MS);
  return (timeout > 0 && timeout < most) || most < 0 ? timeout : most;
}
