/** Checks targets, concurrently or sequentially, in the current network and under the current limits. */

import {
  type CheckAllOptions,
  Checker,
  type CheckerOptions,
  type CheckOptions,
  type CheckResult,
  type CheckTarget,
} from "../../mod.ts";
import { type Counters, difference, readCounters } from "../support/counters.ts";
import { dismissAll } from "../support/listener.ts";
import { readInput, writeOutput } from "../support/script.ts";
import { openSignalDescriptors } from "../support/signals.ts";
import { SilentPort } from "../support/silence.ts";

export interface Input {
  /** The engine; "socket" by default. */
  engine?: CheckerOptions["engine"];
  /** Further options of the checker. */
  checker?: CheckerOptions;
  /** Whether the checker has an `allow` that allows all addresses. */
  allowsAll?: boolean;
  /** Addresses to listen at. */
  open?: { hostname: string; port: number }[];
  /** Addresses to open silent ports at. */
  silent?: { hostname: string; port: number }[];
  checks: {
    target: CheckTarget;
    /** With `resolve: "all"` the target goes to checkAll(). */
    options?: CheckAllOptions;
    /** The number of concurrent checks of this kind. */
    times?: number;
  }[];
  /** Whether the checks run sequentially; by default they run concurrently. */
  inTurn?: boolean;
}

export interface Output {
  /** The results of each of the checks. */
  results: CheckResult[][];
  /** Handshakes in flight by the kernel's table, after all checks have ended while the checker runs. */
  leftInSynSent: number;
  /** The kernel's counts from the first check to the last result. */
  counters: Counters;
}

openSignalDescriptors();
const { engine = "socket", checker: options = {}, allowsAll, open = [], silent = [], checks, inTurn } = readInput<
  Input
>();
const listeners = open.map((address) => Deno.listen(address));
listeners.forEach(dismissAll);
const silence: SilentPort[] = [];
for (const { hostname, port } of silent) silence.push(await SilentPort.open(hostname, port));
const allow = allowsAll ? () => true : undefined;
const checker = new Checker({ engine, fallback: "error", allow, ...options });
checker.checkingLoop();
const before = readCounters();
const results = await (inTurn ? Array.fromAsync(checks, check) : Promise.all(checks.map(check)));
const counters = difference(before, readCounters());
const leftInSynSent = inSynSent();
await checker[Symbol.asyncDispose]();
for (const resource of [...listeners, ...silence]) resource[Symbol.dispose]();
writeOutput({ results, leftInSynSent, counters } satisfies Output);

function check({ target, options = {}, times = 1 }: Input["checks"][number]): Promise<CheckResult[]> {
  if (options.resolve === "all") return Array.fromAsync(checker.checkAll([target], options));
  return Promise.all(Array.from({ length: times }, () => checker.checkAddr(target, options as CheckOptions)));
}

function inSynSent(): number {
  const sockets = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((file) => Deno.readTextFileSync(file).trim().split("\n"));
  // The fourth column is the state: TCP_SYN_SENT is 2.
  return sockets.filter((line) => line.trim().split(/\s+/)[3] === "02").length;
}
