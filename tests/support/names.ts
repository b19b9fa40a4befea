/** Names in namespaces: the resolver's configuration, and name servers. */

import type { CheckResult } from "../../mod.ts";
import type { Input, Output } from "../scripts/check_names.ts";
import type { NameServerOptions, Zone } from "./name_server.ts";
// The test also imports it, because its npm packages can't be downloaded inside the script's namespace.
import "./name_server.ts";
import { runInNamespace } from "./namespace.ts";

/** The default address of name servers. */
export const SERVER = "127.0.0.53";

/** Options for one query per server and 1 s, the resolver's shortest timeout. */
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

/** Checks names with the given name servers, or with one that serves a zone. */
export function checkNames(
  servers: Zone | NameServerOptions[],
  { rounds, ...input }: Omit<Input, "servers">,
  { setup, files = resolverFiles() }: { setup?: string; files?: Record<string, string> } = {},
): Promise<Output> {
  const all = Array.isArray(servers) ? servers : [{ hostname: SERVER, zone: servers }];
  return runInNamespace<Output>("check_names.ts", { servers: all, rounds, ...input } satisfies Input, { setup, files });
}

/** The counts of queries for names that a pattern matches. */
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
