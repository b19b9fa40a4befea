/** Checks one address many times, and tells what the kernel counted meanwhile. */

import { Checker, type CheckerOptions } from "../../mod.ts";
import { Application } from "../support/application.ts";
import { blockEventLoop } from "../support/block.ts";
import { type Counters, difference, readCounters } from "../support/counters.ts";
import { readInput, writeOutput } from "../support/script.ts";

export interface Input {
  /** What does the checks; "socket" by default. */
  engine?: CheckerOptions["engine"];
  hostname: string;
  /** Whether somebody listens. */
  open: boolean;
  checks: number;
  atOnce: number;
  /** For how many ms JavaScript is blocked as soon as checks have been handed over, each time. */
  blocked?: number;
  /** Whether the checks have a signal that has aborted. */
  aborted?: boolean;
}

export interface Output {
  /** How many checks had which status, or were rejected with which error. */
  statuses: Record<string, number>;
  counters: Counters;
  /** How often accept() returned; absent for a closed port. */
  visitors?: number;
}

const { hostname, open, checks, atOnce, blocked = 0, aborted = false, engine } = readInput<Input>();
// Not a port that the kernel might draw as a local port: a closed one would now and then be connected to itself.
const address = { hostname, port: 80 };
using application = open ? new Application(hostname, address.port) : undefined;
const checker = new Checker({ engine });
checker.checkingLoop();
await checker.waitReady();

const statuses: Record<string, number> = {};
const before = readCounters();
for (let done = 0; done < checks; done += atOnce) {
  const signal = aborted ? AbortSignal.abort() : undefined;
  const results = Array.from({ length: atOnce }, () => checker.checkAddr(address, { signal }));
  if (blocked > 0) {
    // The batch goes down in a microtask that was queued before this one.
    await Promise.resolve();
    blockEventLoop(blocked);
  }
  for (const outcome of await Promise.allSettled(results)) {
    const status = outcome.status === "fulfilled" ? outcome.value.status : outcome.reason.name;
    statuses[status] = (statuses[status] ?? 0) + 1;
  }
}
// When all is over, recycled sockets included.
await checker[Symbol.asyncDispose]();
const counters = difference(before, readCounters());
writeOutput({ statuses, counters, visitors: await application?.countVisitors() } satisfies Output);
