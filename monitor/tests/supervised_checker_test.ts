/** A checker that ends by itself is restarted, with growing delays. */

import { assertEquals } from "@std/assert";
import type { Checker } from "@tcp-shaker/tcp-shaker";
import { SupervisedChecker } from "../lib/supervised_checker.ts";
import { HeldClock, settle } from "./support/held_clock.ts";

/** A checker whose loop ends, or fails to start, when the test requests it. */
class FragileChecker {
  readonly clock = new HeldClock();
  /** When each loop was started. */
  readonly startedAt: number[] = [];
  /** Why the next loops don't start. */
  refusal: Error | undefined;
  #end!: PromiseWithResolvers<void>;

  start(): Promise<SupervisedChecker> {
    return SupervisedChecker.start({}, this.clock, this as unknown as Checker);
  }

  checkingLoop(signal: AbortSignal): Promise<void> {
    this.startedAt.push(this.clock.now());
    const end = this.#end = Promise.withResolvers<void>();
    if (this.refusal !== undefined) end.reject(this.refusal);
    signal.addEventListener("abort", () => end.resolve());
    return end.promise;
  }

  waitReady(): Promise<void> {
    return this.refusal === undefined ? Promise.resolve() : Promise.reject(this.refusal);
  }

  async end(): Promise<void> {
    this.#end.reject(new Error("EBADF"));
    await settle();
  }
}

Deno.test("a loop that ends is restarted after 1 s, then 2 s, 4 s, up to 30 s, and after 1 s again if it ran for 30 s", async () => {
  const checker = new FragileChecker();
  const { clock } = checker;
  await using _ = await checker.start();
  const expected = [0];
  for (const pause of [1, 2, 4, 8, 16, 30, 30]) {
    await checker.end();
    await clock.pass(pause * 1000);
    expected.push(expected.at(-1)! + pause * 1000);
  }
  await clock.pass(30_000);
  await checker.end();
  await clock.pass(60_000);
  assertEquals(checker.startedAt, [...expected, clock.now() - 59_000]);
});

Deno.test("a loop that does not start is retried, but not after the end", async () => {
  const checker = new FragileChecker();
  const { clock } = checker;
  const supervised = await checker.start();
  checker.refusal = new Error("EMFILE");
  await checker.end();
  await clock.pass(3000);
  assertEquals(checker.startedAt, [0, 1000, 3000]);
  await supervised[Symbol.asyncDispose]();
  await clock.pass(600_000);
  assertEquals(checker.startedAt.length, 3);
});
