/** Names in namespaces: the resolver's configuration, and name servers. */

import type { CheckResult } from "../../mod.ts";
import type { Input, Output } from "../scripts/check_names.ts";
import type { NameServerOptions, Zone } from "./name_server.ts";
// By the test too, and not by its script alone: inside a namespace its packages can't be fetched.
import "./name_server.ts";
import { runInNamespace } from "./namespace.ts";

/** Where name servers are, unless a test says otherwise. */
export const SERVER = "127.0.0.53";

/** A resolver that asks a server once, and waits for 1 s: the shortest that there is. */
const IMPATIENT = "options timeout:1 attempts:1";

/** The contents of /etc/resolv.conf. */
export function resolvConf(servers: string[], options = IMPATIENT): string {
  return [...servers.map((server) => `nameserver ${server}`), options, ""].join("\n");
}

/** The resolver's files. */
export function resolverFiles(resolv = resolvConf([SERVER]), hosts = ""): Record<string, string> {
  return {
    "/etc/resolv.conf": resolv,
    "/etc/hosts": hosts,
    "/etc/nsswitch.conf": "hosts: files dns\n",
  };
}

/** Has names checked where the name servers, or the one that has a zone, are these. */
export function checkNames(
  servers: Zone | NameServerOptions[],
  { rounds, ...input }: Omit<Input, "servers">,
  { setup, files = resolverFiles() }: { setup?: string; files?: Record<string, string> } = {},
): Promise<Output> {
  const all = Array.isArray(servers) ? servers : [{ hostname: SERVER, zone: servers }];
  return runInNamespace<Output>("check_names.ts", { servers: all, rounds, ...input } satisfies Input, { setup, files });
}

/** Questions that were asked, and how often, about names that a pattern matches. */
export function asked(queries: Record<string, number>, pattern: RegExp): Record<string, number> {
  return Object.fromEntries(Object.entries(queries).filter(([question]) => pattern.test(question)));
}

/** The only result of each check. */
export function only(results: CheckResult[][]): CheckResult[] {
  return results.map(([result, ...others]) => {
    if (others.length > 0) throw new Error(`${others.length + 1} results for ${JSON.stringify(result.target)}`);
    return result;
  });
}
