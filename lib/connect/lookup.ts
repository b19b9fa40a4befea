/** Name lookup by getaddrinfo(), which uses /etc/hosts and nsswitch.conf. */

import { lookup } from "node:dns";
import { type Address, canonical } from "../canonical.ts";
import { SINKHOLE } from "../errno.ts";

/** Unspecified addresses, which DNS filters return for names that they block. */
const UNSPECIFIED: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);
/** Node.js's code for `EAI_NONAME` and `EAI_NODATA`. */
const NO_ADDRESS = "ENOTFOUND";
/** Deno's code for a missing permission. */
const NOT_PERMITTED = "EPERM";

/** Result of a lookup: addresses in the order of RFC 6724, or an outcome with a code such as `"EAI_NONAME"`. */
export type LookupResult = { readonly addresses: Address[] } | { readonly status: "unresolved"; readonly code: string };

/**
 * Looks a name up. A lookup can't be cancelled.
 *
 * @param family The only address family to return; 0 for both.
 * @throws {Deno.errors.NotCapable} If Deno was run without `--allow-net` for the name.
 */
export function lookUp(name: string, family: 0 | 4 | 6): Promise<LookupResult> {
  return new Promise((resolve, reject) => {
    lookup(name, { all: true, family, verbatim: true }, (error, found) => {
      if (error === null) resolve(selectAddresses(found.map(({ address }) => canonical(address)), family));
      else if (error.code === NOT_PERMITTED) reject(notCapable(name));
      else resolve(unresolved(error.code === NO_ADDRESS ? "EAI_NONAME" : error.code ?? "EAI_FAIL"));
    });
  });
}

/**
 * Filters addresses by family, and drops unspecified ones, because connect() to an unspecified address reaches this host.
 * getaddrinfo() has filtered the family too, but may return IPv4-mapped IPv6 addresses.
 */
function selectAddresses(found: Address[], family: 0 | 4 | 6): LookupResult {
  const specified = found.filter(({ hostname }) => !UNSPECIFIED.has(hostname));
  const addresses = distinct(specified).filter((address) => family === 0 || address.family === family);
  if (addresses.length > 0) return { addresses };
  return unresolved(specified.length < found.length ? SINKHOLE : "EAI_ADDRFAMILY");
}

function unresolved(code: string): LookupResult {
  return { status: "unresolved", code };
}

function distinct(addresses: Address[]): Address[] {
  return [...new Map(addresses.map((address) => [address.hostname, address])).values()];
}

function notCapable(name: string): Error {
  return new Deno.errors.NotCapable(`Requires net access to "${name}", run again with the --allow-net flag`);
}

/**
 * Zone of a name in ASCII: its parent domain; `""` for a name of one label. Names of a zone share name servers.
 * `"localhost"` is a separate zone, because its lookup needs no name server (RFC 6761, 6.3).
 */
export function zoneOf(name: string): string {
  const relative = name.endsWith(".") ? name.slice(0, -1) : name;
  const dot = relative.indexOf(".");
  if (dot >= 0) return relative.slice(dot + 1);
  return relative.toLowerCase() === "localhost" ? "localhost" : "";
}
