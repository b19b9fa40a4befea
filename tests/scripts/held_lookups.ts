/** Checks names of which none is answered until something else has happened: no clock decides what comes first. */

import { Checker, type CheckResult } from "../../mod.ts";
import { countQueries, NameServer, type NameServerOptions } from "../support/name_server.ts";
import { ourThreads } from "../support/process.ts";
import { readInput, writeOutput } from "../support/script.ts";

export interface Input {
  /** It holds its answers. */
  server: NameServerOptions;
  /** Where somebody listens. */
  open: { hostname: string; port: number };
  /** Checks of names. */
  names: string[];
  /** What is checked after them. */
  literal: string;
  /** A name of another zone, whose server answers; it is checked when so many others are being looked up. */
  other?: string;
  /** How many names are looked up at once. */
  atOnce: number;
  /** Whether the server dies in place of answering. */
  dies?: boolean;
}

export interface Output {
  /** The results of the names. */
  results: CheckResult[];
  /** The result of the literal, which comes while no name is answered. */
  literal: CheckResult;
  /** The result of the other zone's name, likewise. */
  other?: CheckResult;
  /** How many names had results then. */
  resultsBefore: number;
  /** How many of them the server had been asked for. */
  askedBefore: number;
  /** How many threads were looking up names. */
  resolvers: number;
  /** How many questions for IPv4 addresses there were in the end. */
  asked: number;
}

/** Nothing here ends by its timeout; the signal fails a script that would hang. */
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
