/** Cancels checks, and stops a checker, while their names are looked up and the name server says nothing. */

import { Checker } from "../../mod.ts";
import { countQueries, NameServer, type NameServerOptions } from "../support/name_server.ts";
import { ourThreads } from "../support/process.ts";
import { readInput, writeOutput } from "../support/script.ts";

export interface Input {
  /** It holds its answers. */
  server: NameServerOptions;
  /** Checked twice at once; one of them is cancelled. */
  shared: string;
  /** Checked once, and cancelled. */
  cancelled: string;
  /** Checked when the checker stops. */
  stopped: string;
}

export interface Output {
  /** Whether the checks that were cancelled rejected with the very reason of their signal. */
  rejected: boolean[];
  /** The status of the other check of the shared name. */
  survivor: string;
  /** How many questions for IPv4 addresses there had been then. */
  asked: number;
  /** What the last check rejected with. */
  stopped: string;
  /** How many threads were still stuck in a lookup when the checker had stopped. */
  stuck: number;
  /** How many were when these lookups were answered. */
  left: number;
}

const TIMEOUT = 60_000;
const { server: options, shared, cancelled, stopped } = readInput<Input>();
using server = await NameServer.open(options);
const checker = new Checker();
checker.checkingLoop();

const cancel = new AbortController();
const reason = { because: "nobody wants to know" };
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
