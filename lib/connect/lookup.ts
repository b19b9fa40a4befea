/** Names, looked up as the system does it: by getaddrinfo, which honours its hosts and nsswitch files. */

import { lookup } from "node:dns";
import { type Address, canonical } from "../canonical.ts";
import { SINKHOLE } from "../errno.ts";

/** The addresses in the order of RFC 6724; or why there is none, `"EAI_NONAME"`. */
export type Answer = { readonly addresses: Address[] } | { readonly code: string };

/**
 * Looks a name up. Nothing can end that early.
 *
 * @param name The name.
 * @param family The only family that is wanted; 0 for both.
 * @returns What became of it.
 * @throws {Deno.errors.NotCapable} If Deno was run without `--allow-net` for the name.
 */
export function lookUp(name: string, family: 0 | 4 | 6): Promise<Answer> {
  return new Promise((resolve, reject) => {
    lookup(name, { all: true, family, verbatim: true }, (error, found) => {
      if (error === null) resolve(toBeProbed(found.map(({ address }) => canonical(address)), family));
      else if (error.code === NOT_PERMITTED) reject(notCapable(name));
      else resolve({ code: error.code === NO_ADDRESS ? "EAI_NONAME" : error.code ?? "EAI_FAIL" });
    });
  });
}

/** What DNS filters give for names that they block. */
const UNSPECIFIED: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);
/** What Node.js makes of `EAI_NONAME` and `EAI_NODATA`. */
const NO_ADDRESS = "ENOTFOUND";
/** What Deno makes of a missing permission here. */
const NOT_PERMITTED = "EPERM";

/**
 * Those of the family that is wanted: to the system an IPv4 address that is mapped to IPv6 is one of IPv6. And none that
 * is unspecified: to connect() that is this very host, and not the one that has the name.
 */
function toBeProbed(found: Address[], family: 0 | 4 | 6): Answer {
  const specified = found.filter(({ hostname }) => !UNSPECIFIED.has(hostname));
  const addresses = distinct(specified).filter((address) => family === 0 || address.family === family);
  if (addresses.length > 0) return { addresses };
  return { code: specified.length < found.length ? SINKHOLE : "EAI_ADDRFAMILY" };
}

function distinct(addresses: Address[]): Address[] {
  return [...new Map(addresses.map((address) => [address.hostname, address])).values()];
}

function notCapable(name: string): Error {
  return new Deno.errors.NotCapable(`Requires net access to "${name}", run again with the --allow-net flag`);
}
