/** The client on a stage of two stacks: checks what it is told to. */

import { Checker, type CheckerOptions, type CheckResult, type CheckTarget } from "../../mod.ts";
import { obey } from "../support/actor.ts";
import { readCounters } from "../support/counters.ts";
import { Watch, type Watched, type WatchTarget } from "../support/watch.ts";

export type Client = typeof methods;

let checker = new Checker();
checker.checkingLoop();
await checker.waitReady();
let watch: Watch | undefined;

const methods = {
  counters: readCounters,

  /** Goes on with another checker. */
  async configure(options: CheckerOptions): Promise<void> {
    await checker[Symbol.asyncDispose]();
    checker = new Checker(options);
    checker.checkingLoop().catch(() => {});
    await checker.waitReady();
  },

  /** Checks targets, each so many times, all at once. */
  check(targets: CheckTarget[], timeout: number, times = 1): Promise<CheckResult[]> {
    const checks = targets.flatMap((target) =>
      Array.from({ length: times }, () => checker.checkAddr(target, { timeout }))
    );
    return Promise.all(checks);
  },

  /** Starts to check an address over and over. */
  watch(target: WatchTarget, timeout: number): void {
    watch = new Watch(checker, target, timeout);
  },

  /** Waits until so many more results are these. */
  async seen(outcome: string, times: number): Promise<void> {
    await watch!.seen(outcome, times);
  },

  /** Ends the watch when all that was asked is answered. */
  async unwatch(): Promise<Watched> {
    return await watch!.end();
  },
};

await obey(methods);
await checker[Symbol.asyncDispose]();
