/** Codec of the request record: a check, followed by a name or by addresses. */

import type { Endpoint } from "../address.ts";
import type { ResolvedOptions } from "../resolved_options.ts";
import { ADDRESS_SIZE, writeAddress } from "./address_record.ts";
import { REQUEST, RESOLVE } from "./layout.ts";

/**
 * Computes the size of a request record.
 *
 * @param endpoint The target.
 * @returns The size in bytes, a multiple of 8.
 */
export function requestSize(endpoint: Endpoint): number {
  const { family, host, addresses } = endpoint;
  if (addresses !== undefined) return REQUEST.size + addresses.length * ADDRESS_SIZE;
  return REQUEST.size + (family === 0 ? (host.length + 7) & ~7 : ADDRESS_SIZE);
}

/**
 * Writes a request record. Padding bytes are not cleared.
 *
 * @param view The batch.
 * @param at Where the request starts.
 * @param id The id of the check, which its results repeat.
 * @param endpoint The target.
 * @param options The options of the check.
 */
export function writeRequest(
  view: DataView,
  at: number,
  id: number,
  endpoint: Endpoint,
  options: ResolvedOptions,
): void {
  const { host, port, family, addresses } = endpoint;
  const { queueTimeout } = options;
  const isName = family === 0 && addresses === undefined;
  view.setFloat64(at + REQUEST.timeout, options.timeout, true);
  view.setUint32(at + REQUEST.id, id, true);
  view.setUint16(at + REQUEST.port, port, true);
  view.setUint8(at + REQUEST.family, options.family);
  view.setUint8(at + REQUEST.resolve, RESOLVE[options.resolve]);
  view.setUint8(at + REQUEST.zeroLinger, options.zeroLinger ? 1 : 0);
  // Whole ms, rounded up, because 0 means no limit.
  view.setUint32(at + REQUEST.queueTimeout, queueTimeout === Infinity ? 0 : Math.ceil(queueTimeout), true);
  view.setUint8(at + REQUEST.isName, isName ? 1 : 0);
  let end = at + REQUEST.size;
  if (addresses !== undefined) {
    for (const { hostname, family } of addresses) {
      writeAddress(view, end, hostname, family);
      end += ADDRESS_SIZE;
    }
  } else if (family !== 0) {
    writeAddress(view, end, host, family);
    end += ADDRESS_SIZE;
  } else {
    // A name is ASCII, and for a few bytes a loop is faster than TextEncoder.encodeInto().
    for (let i = 0; i < host.length; i++) view.setUint8(end++, host.charCodeAt(i));
  }
  view.setUint16(at + REQUEST.hostLength, end - at - REQUEST.size, true);
}
