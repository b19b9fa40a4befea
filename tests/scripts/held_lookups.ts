/** Checks names whose answers are held until other events, so that the order does not depend on a clock. */

import { Checker, type CheckResult } from "../../mod.ts";
import { countQueries, NameServer, type NameServerOptions } from "../support/name_server.ts";
import { ourThreads } from "../support/process.ts";
import { readInput, writeOutput } from "../support/script.ts";

export interface Input {
  /** The name server; it holds its answers. */
  server: NameServerOptions;
  /** The address to listen at. */
  open: { hostname: string; port: number };
  /** Checks of names. */
  names: string[];
  /** The literal that is checked after them. */
  literal: string;
  /** A name of another zone whose server answers; it is checked when a number of other lookups are in flight. */
  other?: string;
  /** The number of concurrent lookups. */
  atOnce: number;
  /** Whether the server dies instead of answering. */
  dies?: boolean;
}

export interface Output {
  /** The results of the names. */
  results: CheckResult[];
  /** The result of the literal, which arrives before any answer. */
  literal: CheckResult;
  /** The result of the other zone's name, likewise. */
  other?: CheckResult;
  /** Names with results at that time. */
  resultsBefore: number;
  /** Names queried at that time. */
  askedBefore: number;
  /** Threads in a lookup. */
  resolvers: number;
  /** All queries for IPv4 addresses. */
  asked: number;
}

/** A timeout that no check reaches. The signal ends a script that would hang. */
const PATIENT = { timeout: 60_000, signal: AbortSignal.timeout(60_000) };
const { server: options, open, names, literal, other, atOnce, dies = false } = readInput<Input>();
using _listener = Deno.listen(open);
using server = await NameServer.open(options);
await using checker = new Checker();
checker.checkingLoop();

let ended = 0;
const pending = names.map(async (name) => {
  const result = await checker.checkAddr(name, PATIENT);
  ended++;
  return result;
});
const literalResult = await checker.checkAddr(literal, PATIENT);
// For both families.
await server.asked(2 * atOnce);
const otherResult = other === undefined ? undefined : await checker.checkAddr(other, PATIENT);
const resultsBefore = ended;
const askedBefore = countQueries(server.queries, /\.test A$/);
const resolvers = ourThreads().filter((name) => name === "shaker-dns").length;
if (dies) server[Symbol.dispose]();
else server.release();
const results = await Promise.all(pending);
const asked = countQueries(server.queries, /\.test A$/);
const counts = { resultsBefore, askedBefore, resolvers, asked };
writeOutput({ results, literal: literalResult, other: otherResult, ...counts } satisfies Output);
