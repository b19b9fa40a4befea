/** A checker that ends by itself is started again, ever later. */

import { assertEquals, assertRejects } from "@std/assert";
import { type Checker, CheckerNotRunningError } from "@tcp-shaker/tcp-shaker";
import { SupervisedChecker } from "../lib/supervised_checker.ts";
import { HeldClock, settle } from "./support/held_clock.ts";

/** Checkers that end, or fail to start, on the test's command. */
class Checkers {
  readonly clock = new HeldClock();
  /** When each was started. */
  readonly startedAt: number[] = [];
  /** Why the next ones don't start. */
  refusal: Error | undefined;
  #end!: PromiseWithResolvers<void>;

  create = (): Checker => {
    this.startedAt.push(this.clock.now());
    const end = this.#end = Promise.withResolvers<void>();
    if (this.refusal !== undefined) end.reject(this.refusal);
    const checker = {
      checkingLoop(signal: AbortSignal) {
        signal.addEventListener("abort", () => end.resolve());
        return end.promise;
      },
      waitReady: () => this.refusal === undefined ? Promise.resolve() : Promise.reject(this.refusal),
      checkAddr: () => Promise.resolve({ status: "up" }),
    };
    return checker as unknown as Checker;
  };

  async end(error: Error): Promise<void> {
    this.#end.reject(error);
    await settle();
  }
}

const ENDPOINT = { hostname: "192.0.2.1", port: 1 };

Deno.test("a checker that ends is started after 1 s, then 2 s, 4 s and at last 30 s, and after 1 s once it has run for 30", async () => {
  const checkers = new Checkers();
  const { clock } = checkers;
  await using checker = await SupervisedChecker.start({}, clock, checkers.create);
  const expected = [0];
  for (const pause of [1, 2, 4, 8, 16, 30, 30]) {
    await checkers.end(new Error("EBADF"));
    await clock.pass(pause * 1000);
    expected.push(expected.at(-1)! + pause * 1000);
    assertEquals((await checker.check(ENDPOINT, {})).status, "up");
  }
  await clock.pass(30_000);
  await checkers.end(new Error("EBADF"));
  await clock.pass(60_000);
  assertEquals(checkers.startedAt, [...expected, clock.now() - 59_000]);
});

Deno.test("checks say why there is no checker, and none is started after the end", async () => {
  const checkers = new Checkers();
  const checker = await SupervisedChecker.start({}, checkers.clock, checkers.create);
  await checkers.end(new Error("EBADF"));
  const first = await assertRejects(() => checker.check(ENDPOINT, {}), CheckerNotRunningError);
  assertEquals((first.cause as Error).message, "EBADF");
  checkers.refusal = new Error("EMFILE");
  await checkers.clock.pass(1000);
  const second = await assertRejects(() => checker.check(ENDPOINT, {}), CheckerNotRunningError);
  assertEquals((second.cause as Error).message, "EMFILE");
  await checker[Symbol.asyncDispose]();
  await checkers.clock.pass(600_000);
  assertEquals(checkers.startedAt.length, 2);
});
