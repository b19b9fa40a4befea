/** The client of a testbed with two network stacks: makes checks on request. */

import { Checker, type CheckerOptions, type CheckResult, type CheckTarget } from "../../mod.ts";
import { serveCalls } from "../support/rpc.ts";
import { readCounters } from "../support/counters.ts";
import { Watch, type Watched, type WatchTarget } from "../support/watch.ts";

export type Client = typeof methods;

let checker = new Checker();
checker.checkingLoop();
await checker.waitReady();
let watch: Watch | undefined;

const methods = {
  counters: readCounters,

  /** Replaces the checker. */
  async configure(options: CheckerOptions): Promise<void> {
    await checker[Symbol.asyncDispose]();
    checker = new Checker(options);
    checker.checkingLoop().catch(() => {});
    await checker.waitReady();
  },

  /** Checks each target a number of times, all at once. */
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

  /** Waits for a number of further results with an outcome. */
  async seen(outcome: string, times: number): Promise<void> {
    await watch!.seen(outcome, times);
  },

  /** Ends the watch after all its checks are answered. */
  async unwatch(): Promise<Watched> {
    return await watch!.end();
  },
};

await serveCalls(methods);
await checker[Symbol.asyncDispose]();
