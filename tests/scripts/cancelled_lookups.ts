/** Cancels checks, and stops a checker, during their lookups, with a silent name server. */

import { Checker } from "../../mod.ts";
import { countQueries, NameServer, type NameServerOptions } from "../support/name_server.ts";
import { ourThreads } from "../support/process.ts";
import { readInput, writeOutput } from "../support/script.ts";

export interface Input {
  /** The server; it holds its answers. */
  server: NameServerOptions;
  /** A name that is checked twice at once; one of the checks is cancelled. */
  shared: string;
  /** A name that is checked once, and cancelled. */
  cancelled: string;
  /** A name whose check is pending when the checker stops. */
  stopped: string;
}

export interface Output {
  /** Whether the cancelled checks rejected with the same object as their signal's reason. */
  rejected: boolean[];
  /** The status of the other check of the shared name. */
  survivor: string;
  /** Queries for IPv4 addresses up to that point. */
  asked: number;
  /** The rejection of the last check. */
  stopped: string;
  /** Threads in a lookup after the checker stopped. */
  stuck: number;
  /** Threads in a lookup after the lookups were answered. */
  left: number;
}

const TIMEOUT = 60_000;
const { server: options, shared, cancelled, stopped } = readInput<Input>();
using server = await NameServer.open(options);
const checker = new Checker();
checker.checkingLoop();

const cancel = new AbortController();
const reason = { because: "the result is no longer needed" };
const survivor = checker.checkAddr(shared, TIMEOUT);
const rejected = [shared, cancelled].map((target) =>
  checker.checkAddr(target, { timeout: TIMEOUT, signal: cancel.signal }).then(() => false, (error) => error === reason)
);
// For two names in both families.
await server.asked(4);
cancel.abort(reason);
const output = { rejected: await Promise.all(rejected) };
server.release();
const { status } = await survivor;
const asked = countQueries(server.queries, / A$/);

server.hold();
const error = checker.checkAddr(stopped, TIMEOUT).then(String, (error) => error.name);
await server.asked(6);
await checker[Symbol.asyncDispose]();
const stuck = resolvers();
server.release();
const patience = AbortSignal.timeout(30_000);
while (resolvers() > 0 && !patience.aborted) await new Promise((resolve) => setTimeout(resolve));
writeOutput(
  { ...output, survivor: status, asked, stopped: await error, stuck, left: resolvers() } satisfies Output,
);

function resolvers(): number {
  return ourThreads().filter((name) => name === "shaker-dns").length;
}
