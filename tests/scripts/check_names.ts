/** Checks names with its own name servers. */

import { type CheckAllOptions, Checker, type CheckOptions, type CheckResult } from "../../mod.ts";
import { NameServer, type NameServerOptions } from "../support/name_server.ts";
import { readInput, writeOutput } from "../support/script.ts";
import { SilentPort } from "../support/silence.ts";

export interface Input {
  /** The checker's engine; its default if absent. */
  engine?: CheckResult["engine"];
  /** The checker's engine threads. */
  threads?: number;
  servers: NameServerOptions[];
  /** Addresses to listen at. */
  open?: { hostname: string; port: number }[];
  /** Addresses to open silent ports at. */
  silent?: { hostname: string; port: number }[];
  rounds: Round[];
}

/** Checks made at once, after those of the previous round have ended. */
export interface Round {
  checks: {
    target: string;
    /** With `resolve: "all"` the target goes to checkAll(). */
    options?: CheckAllOptions;
  }[];
  /** Addresses of servers that are dead in this round only. */
  dead?: string[];
  /** The contents of /etc/resolv.conf from this round on. */
  resolvConf?: string;
}

export interface Output {
  rounds: {
    /** The results of each check, in the order of the input. */
    results: CheckResult[][];
    /** Indices of the checks in the order in which they ended. */
    order: number[];
    /** The duration of each check in ms, by JavaScript's clock. */
    took: number[];
  }[];
  /** Counts of each server's queries, as {@linkcode NameServer.queries} has it. */
  queries: Record<string, number>[];
}

/** A time limit, because a lost check would block the script. */
const patience = AbortSignal.timeout(60_000);
const { engine, threads, servers, open = [], silent = [], rounds } = readInput<Input>();
const listeners: Disposable[] = open.map((address) => Deno.listen(address));
for (const { hostname, port } of silent) listeners.push(await SilentPort.open(hostname, port));
const living = new Map<string, NameServer>();
const output: Output = { rounds: [], queries: servers.map(() => ({})) };
const checker = new Checker({ ...engine && { engine, fallback: "error" }, threads });
checker.checkingLoop();
for (const [round, { checks, dead = [], resolvConf }] of rounds.entries()) {
  // The resolver reads the file again when its time or size has changed, and file times are coarse.
  if (resolvConf !== undefined) Deno.writeTextFileSync("/etc/resolv.conf", resolvConf + "\n".repeat(round));
  for (const [i, server] of servers.entries()) {
    const { hostname } = server;
    if (dead.includes(hostname)) bury(hostname);
    else if (!living.has(hostname)) living.set(hostname, await NameServer.open(server, output.queries[i]));
  }
  const order: number[] = [];
  const took: number[] = [];
  const results = await Promise.all(checks.map(async ({ target, options = {} }, i) => {
    const start = performance.now();
    const results = await check(target, options);
    took[i] = performance.now() - start;
    order.push(i);
    return results;
  }));
  output.rounds.push({ results, order, took });
}
await checker[Symbol.asyncDispose]();
[...living.keys()].forEach(bury);
for (const listener of listeners) listener[Symbol.dispose]();
writeOutput(output);

async function check(target: string, given: CheckAllOptions): Promise<CheckResult[]> {
  const options = { ...given, signal: patience };
  if (options.resolve === "all") return Array.fromAsync(checker.checkAll([target], options));
  return [await checker.checkAddr(target, options as CheckOptions)];
}

function bury(hostname: string): void {
  living.get(hostname)?.[Symbol.dispose]();
  living.delete(hostname);
}
