/** Checks targets, all at once or one after the other, in whatever network and under whatever limits this runs. */

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
import { SilentPort } from "../support/silence.ts";

export interface Input {
  /** What does the checks; "socket" by default. */
  engine?: CheckerOptions["engine"];
  /** What else the checker is made with. */
  checker?: CheckerOptions;
  /** Addresses where somebody listens. */
  open?: { hostname: string; port: number }[];
  /** Addresses where nobody answers. */
  silent?: { hostname: string; port: number }[];
  checks: {
    target: CheckTarget;
    /** With `resolve: "all"` it is for checkAll(). */
    options?: CheckAllOptions;
    /** How many of these at once. */
    times?: number;
  }[];
  /** Whether a check begins when the one before it has ended; all begin together by default. */
  inTurn?: boolean;
}

export interface Output {
  /** The results of each of the checks. */
  results: CheckResult[][];
  /** Handshakes still under way, by the kernel's word, when all checks have ended and the checker still runs. */
  leftInSynSent: number;
  /** What the kernel counted from the first check to the last result. */
  counters: Counters;
}

const { engine = "socket", checker: options = {}, open = [], silent = [], checks, inTurn } = readInput<Input>();
const listeners = open.map((address) => Deno.listen(address));
listeners.forEach(dismissAll);
const silence: SilentPort[] = [];
for (const { hostname, port } of silent) silence.push(await SilentPort.open(hostname, port));
const checker = new Checker({ engine, fallback: "error", ...options });
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
