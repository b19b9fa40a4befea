/** Metric of the digest of the target list. */

import { Family, labelText } from "@tcp-shaker/monitor/exposition";

/**
 * Writes the family of the list's digest.
 *
 * @param digest The digest; `undefined` before the first list.
 * @returns The family.
 */
export function listInfo(digest: string | undefined): string {
  const list = new Family("tcp_checker_fleet_list_info", "gauge", "The digest of the target list.");
  if (digest !== undefined) list.add(1, labelText([["digest", digest]]));
  return list.text();
}
