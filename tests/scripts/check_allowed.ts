/** Checks names with an `allow`, with nft's counts of SYNs per address, and a name server that changes its answers. */

import { type CheckAllOptions, Checker, type CheckOptions, type CheckResult, type Engine } from "../../mod.ts";
import { NameServer, type Zone } from "../support/name_server.ts";
import { readInput, writeOutput } from "../support/script.ts";

export interface Input {
  engine: Engine;
  /** The only address that is allowed. */
  allowed: string;
  zone: Zone;
  /** The zone from the first call of `allow` on. */
  later: Zone;
  /** The address of the name server. */
  server: string;
  checks: { target: string; options?: CheckAllOptions }[];
}

export interface Output {
  /** Results by check. */
  results: CheckResult[][];
  /** The addresses passed to `allow`, by check. */
  asked: string[][];
  /** Counts of the name server's queries. */
  queries: Record<string, number>;
  /** SYNs sent, by nft's counters. */
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
