/** Checks names with an `allow`, where nft counts the SYNs to each address, and a name server changes its mind. */

import { type CheckAllOptions, Checker, type CheckOptions, type CheckResult, type Engine } from "../../mod.ts";
import { NameServer, type Zone } from "../support/name_server.ts";
import { readInput, writeOutput } from "../support/script.ts";

export interface Input {
  engine: Engine;
  /** The only address that is allowed. */
  allowed: string;
  zone: Zone;
  /** What the zone says from when an address is first asked about. */
  later: Zone;
  /** Where the name server is. */
  server: string;
  checks: { target: string; options?: CheckAllOptions }[];
}

export interface Output {
  /** Those of each check. */
  results: CheckResult[][];
  /** What was asked about, check by check. */
  asked: string[][];
  /** How often the name server was asked what. */
  queries: Record<string, number>;
  /** SYNs that left, by nft's counters. */
  syns: Record<string, number>;
}

const { engine, allowed, zone, later, server: hostname, checks } = readInput<Input>();
const queries: Record<string, number> = {};
const server = await NameServer.open({ hostname, zone }, queries);
const checker = await Checker.start({ engine });
const results: CheckResult[][] = [];
const asked: string[][] = [];
for (const { target, options = {} } of checks) {
  const addresses: string[] = [];
  asked.push(addresses);
  const allow: CheckOptions["allow"] = ({ hostname }) => {
    addresses.push(hostname);
    Object.assign(zone, later);
    return hostname === allowed;
  };
  const all = { ...options, allow };
  results.push(
    options.resolve === "all"
      ? await Array.fromAsync(checker.checkAll([target], all))
      : [await checker.checkAddr(target, all as CheckOptions)],
  );
}
await checker[Symbol.asyncDispose]();
server[Symbol.dispose]();
const { stdout } = await new Deno.Command("nft", { args: ["--json", "list", "counters"] }).output();
const { nftables } = JSON.parse(new TextDecoder().decode(stdout)) as {
  nftables: { counter?: { name: string; packets: number } }[];
};
const syns = Object.fromEntries(nftables.flatMap(({ counter }) => counter ? [[counter.name, counter.packets]] : []));
writeOutput({ results, asked, queries, syns } satisfies Output);
