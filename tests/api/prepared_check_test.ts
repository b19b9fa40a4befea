/** Prepared checks: runs, cancellation, and the life of their checker. */

import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { Checker, CheckerNotRunningError, type CheckResult } from "../../mod.ts";
import { connecting } from "../support/connecting.ts";
import { engineTest, newChecker } from "../support/engines.ts";
import { proves } from "../support/evidence.ts";
import { closedPort, OpenPort } from "../support/listener.ts";
import { SilentPort } from "../support/silence.ts";

engineTest("each run of a prepared check has the result of checkAddr()", async (engine) => {
  using open = new OpenPort();
  await using checker = newChecker(engine);
  const check = checker.prepare({ hostname: "127.0.0.1", port: open.port });
  checker.checkingLoop();
  for (let i = 0; i < 3; i++) {
    const result = await check.run();
    assert(result.status === "up" && result.rtt > 0);
    assertEquals(withoutTimes(result), withoutTimes(await checker.checkAddr(result.target)));
  }
  assertEquals((await checker.prepare(closedPort()).run()).status, "refused");
});

engineTest("a prepared check has one run at a time", async (engine) => {
  using silent = await SilentPort.open();
  await using checker = newChecker(engine);
  checker.checkingLoop();
  const check = checker.prepare(silent.target, 60_000);
  const run = check.run();
  await assertRejects(() => check.run(), Error, "a run is in flight");
  check.cancel("enough");
  assertEquals(await Promise.allSettled([run]), [{ status: "rejected", reason: "enough" }]);
});

engineTest(
  "start() calls the receiver at the end of a run, and the receiver may start the next run",
  async (engine) => {
    using open = new OpenPort();
    using silent = await SilentPort.open();
    await using checker = newChecker(engine);
    checker.checkingLoop();
    const check = checker.prepare(open.target);
    const statuses: string[] = [];
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    check.start({
      settle({ status }) {
        if (statuses.push(status) === 3) resolve();
        else check.start(this);
      },
      fail: reject,
    });
    await promise;
    assertEquals(statuses, ["up", "up", "up"]);
    const waiting = checker.prepare(silent.target, 60_000);
    const reasons: unknown[] = [];
    const receiver = { settle: () => reasons.push("settled"), fail: (reason: unknown) => reasons.push(reason) };
    waiting.start(receiver);
    assertThrows(() => waiting.start(receiver), Error, "a run is in flight");
    waiting.cancel("enough");
    assertEquals(reasons, ["enough"]);
  },
);

engineTest("a run that was cancelled before the start of its loop is not made, and the next run is", async (engine) => {
  using open = new OpenPort();
  await using checker = newChecker(engine);
  const check = checker.prepare(open.target);
  checker.checkingLoop();
  const cancelled = check.run();
  check.cancel();
  const error = await assertRejects(() => cancelled, DOMException);
  assertEquals(error.name, "AbortError");
  assertEquals((await check.run()).status, "up");
  check.cancel();
});

Deno.test("the cancellation of a prepared check closes its socket, and it can be run again", async (t) => {
  using silent = await SilentPort.open();
  await using checker = await Checker.start({ timeout: 60_000 });
  const check = checker.prepare(silent.target);
  const cancelled = check.run();
  await connecting(silent.port, 1);
  const reason = new Error("enough");
  check.cancel(reason);
  assertStrictEquals(await assertRejects(() => cancelled), reason);
  await connecting(silent.port, 0);
  await silent.speak();
  const { status } = await check.run();
  assertEquals(status, "up");
  proves(t, "nothingLeft", "no socket of a cancelled run, 60 s before its timeout");
});

engineTest("a prepared check can be run after a restart of the loop", async (engine) => {
  using open = new OpenPort();
  using silent = await SilentPort.open();
  await using checker = newChecker(engine);
  const check = checker.prepare(open.target);
  const waiting = checker.prepare(silent.target, 60_000);
  await assertRejects(() => check.run(), CheckerNotRunningError);
  const stop = new AbortController();
  const loop = checker.checkingLoop(stop.signal);
  assertEquals((await check.run()).status, "up");
  const run = waiting.run();
  const stopped = assertRejects(() => run, Error, "enough");
  stop.abort(new Error("enough"));
  await Promise.all([stopped, loop]);
  await assertRejects(() => check.run(), CheckerNotRunningError);
  checker.checkingLoop();
  assertEquals((await check.run()).status, "up");
});

Deno.test("prepare() rejects malformed targets and options before any run", () => {
  const checker = new Checker();
  assertThrows(() => checker.prepare("127.0.0.1"), TypeError, "no port");
  assertThrows(() => checker.prepare("127.0.0.1:1", { timeout: 0 }), RangeError, "timeout");
  const options: object = { signal: new AbortController().signal };
  assertThrows(() => checker.prepare("127.0.0.1:1", options), TypeError, 'prepare() has no option "signal"');
});

/** A result without the times, which differ between runs. */
function withoutTimes({ duration: _duration, queueTime: _queueTime, ...result }: CheckResult): object {
  return { ...result, rtt: undefined };
}
