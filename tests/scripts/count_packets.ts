/** Checks one address many times, and reports the kernel's counts. */

import { Checker, type CheckerOptions } from "../../mod.ts";
import { Application } from "../support/application.ts";
import { blockEventLoop } from "../support/block.ts";
import { countLate } from "../support/lateness.ts";
import { type Counters, difference, readCounters } from "../support/counters.ts";
import { readInput, writeOutput } from "../support/script.ts";

export interface Input {
  /** The engine; "socket" by default. */
  engine?: CheckerOptions["engine"];
  hostname: string;
  /** Whether the port is open. */
  open: boolean;
  checks: number;
  atOnce: number;
  /** Ms for which JavaScript is blocked after each batch of checks. */
  blocked?: number;
  /** Whether the checks have an aborted signal. */
  aborted?: boolean;
}

export interface Output {
  /** Counts of checks by status, or by name of the error. */
  statuses: Record<string, number>;
  counters: Counters;
  /** The number of accepted connections; absent for a closed port. */
  accepted?: number;
  /** Checks whose RST was late, and may have come after an ACK. */
  late: number;
}

const { hostname, open, checks, atOnce, blocked = 0, aborted = false, engine } = readInput<Input>();
// A port outside of the local range, because a closed port in the range may be connected to itself.
const address = { hostname, port: 80 };
using application = open ? new Application(hostname, address.port) : undefined;
const checker = new Checker({ engine });
checker.checkingLoop();
await checker.waitReady();

const statuses: Record<string, number> = {};
let late = 0;
const before = readCounters();
for (let done = 0; done < checks; done += atOnce) {
  const signal = aborted ? AbortSignal.abort() : undefined;
  const results = Array.from({ length: atOnce }, () => checker.checkAddr(address, { signal }));
  if (blocked > 0) {
    // The batch was sent by a microtask that was queued before this one.
    await Promise.resolve();
    blockEventLoop(blocked);
  }
  for (const outcome of await Promise.allSettled(results)) {
    if (outcome.status === "fulfilled") late += countLate([outcome.value]);
    const status = outcome.status === "fulfilled" ? outcome.value.status : outcome.reason.name;
    statuses[status] = (statuses[status] ?? 0) + 1;
  }
}
// Read after the end of all checks and the close of recycled sockets.
await checker[Symbol.asyncDispose]();
const counters = difference(before, readCounters());
writeOutput({ statuses, counters, accepted: await application?.countAccepted(), late } satisfies Output);
