/** Checks names, with name servers of its own. */

import { type CheckAllOptions, Checker, type CheckOptions, type CheckResult } from "../../mod.ts";
import { NameServer, type NameServerOptions } from "../support/name_server.ts";
import { readInput, writeOutput } from "../support/script.ts";
import { SilentPort } from "../support/silence.ts";

export interface Input {
  servers: NameServerOptions[];
  /** Addresses where somebody listens. */
  open?: { hostname: string; port: number }[];
  /** Addresses where nobody answers. */
  silent?: { hostname: string; port: number }[];
  rounds: Round[];
}

/** Checks that are made at once, when those of the round before have ended. */
export interface Round {
  checks: {
    target: string;
    /** With `resolve: "all"` it is for checkAll(). */
    options?: CheckAllOptions;
  }[];
  /** Servers, by address, that are dead in this round; in the next one they live again unless it says so too. */
  dead?: string[];
  /** What /etc/resolv.conf says from this round on. */
  resolvConf?: string;
}

export interface Output {
  rounds: {
    /** The results of each check, in the order of the input. */
    results: CheckResult[][];
    /** Indices of the checks in the order in which they ended. */
    order: number[];
    /** How long each check took by a clock that is not the engine's, in ms. */
    took: number[];
  }[];
  /** How often each of the servers was asked what, as {@linkcode NameServer.queries} has it. */
  queries: Record<string, number>[];
}

/** Fails the script, where a check that is never answered would make it hang. */
const patience = AbortSignal.timeout(60_000);
const { servers, open = [], silent = [], rounds } = readInput<Input>();
const listeners: Disposable[] = open.map((address) => Deno.listen(address));
for (const { hostname, port } of silent) listeners.push(await SilentPort.open(hostname, port));
const living = new Map<string, NameServer>();
const output: Output = { rounds: [], queries: servers.map(() => ({})) };
const checker = new Checker();
checker.checkingLoop();
for (const [round, { checks, dead = [], resolvConf }] of rounds.entries()) {
  // The resolver reads it again when its time or size has changed, and files' times are coarse.
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
