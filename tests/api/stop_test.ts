/** Stops of the loop, cancellation, and checkers beside each other. */

import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { engineTest, newChecker } from "../support/engines.ts";
import { closedPort, OpenPort } from "../support/listener.ts";
import { SilentPort } from "../support/silence.ts";

engineTest("checkingLoop() can be run again after a stop", async (engine) => {
  using open = new OpenPort();
  const checker = newChecker(engine);
  for (let round = 0; round < 5; round++) {
    const stop = new AbortController();
    const loop = checker.checkingLoop(stop.signal);
    assertEquals((await checker.checkAddr(open.target)).status, "up");
    stop.abort();
    await loop;
  }
});

engineTest("checkingLoop() can be run again while the last run is still stopping", async (engine) => {
  using open = new OpenPort();
  const checker = newChecker(engine);
  const stop = new AbortController();
  const first = checker.checkingLoop(stop.signal);
  await checker.waitReady();
  stop.abort();
  const again = new AbortController();
  const second = checker.checkingLoop(again.signal);
  assertEquals((await checker.checkAddr(open.target)).status, "up");
  await first;
  again.abort();
  await second;
});

engineTest("stopping the loop rejects all pending checks with the signal's reason", async (engine) => {
  using silent = await SilentPort.open();
  const stop = new AbortController();
  const checker = newChecker(engine);
  const loop = checker.checkingLoop(stop.signal);
  await checker.waitReady();
  const checks = Array.from({ length: 100 }, () => checker.checkAddr(silent.target, 60_000));
  const stream = checker.checkAll([silent.target], { timeout: 60_000 }).next();
  const settled = Promise.allSettled([...checks, stream]);
  await checker.checkAddr(closedPort());
  const reason = new Error("enough");
  stop.abort(reason);
  for (const outcome of await settled) {
    assert(outcome.status === "rejected");
    assertStrictEquals(outcome.reason, reason);
  }
  await loop;
});

engineTest("disposing of a checker stops its loop, and rejects pending checks with an AbortError", async (engine) => {
  using silent = await SilentPort.open();
  const checker = newChecker(engine);
  const loop = checker.checkingLoop();
  const check = checker.checkAddr(silent.target, 60_000);
  await checker.checkAddr(closedPort());
  const rejected = assertRejects(() => check);
  await checker[Symbol.asyncDispose]();
  assertEquals((await rejected).name, "AbortError");
  await loop;
  await checker[Symbol.asyncDispose]();
});

engineTest("two concurrent checkers have separate results", async (engine) => {
  using open = new OpenPort();
  await using one = newChecker(engine);
  await using two = newChecker(engine);
  one.checkingLoop();
  two.checkingLoop();
  const closed = closedPort();
  const results = await Promise.all(
    Array.from({ length: 200 }, (_, i) => i % 2 === 0 ? one.checkAddr(open.target) : two.checkAddr(closed)),
  );
  results.forEach((result, i) => assertEquals(result.status, i % 2 === 0 ? "up" : "refused"));
});

engineTest("a hundred concurrent checkers work, and leave threads of Deno's pool free", async (engine) => {
  using open = new OpenPort();
  const checkers = Array.from({ length: 100 }, () => newChecker(engine));
  const loops = checkers.map((checker) => checker.checkingLoop());
  const results = await Promise.all(checkers.map((checker) => checker.checkAddr(open.target)));
  assertEquals(results.map(({ status }) => status), Array(100).fill("up"));
  // This uses one of the 32 threads of Deno's blocking pool.
  assert((await Deno.stat("/")).isDirectory);
  for (const checker of checkers) await checker[Symbol.asyncDispose]();
  await Promise.all(loops);
});

engineTest("a check's signal cancels that check alone", async (engine) => {
  using silent = await SilentPort.open();
  using open = new OpenPort();
  await using checker = newChecker(engine);
  checker.checkingLoop();
  const cancel = new AbortController();
  const cancelled = checker.checkAddr(silent.target, { timeout: 60_000, signal: cancel.signal });
  const other = checker.checkAddr(silent.target, { timeout: 50 });
  assertEquals((await checker.checkAddr(open.target, { signal: cancel.signal })).status, "up");
  const reason = new Error("enough");
  cancel.abort(reason);
  assertStrictEquals(await assertRejects(() => cancelled), reason);
  assertEquals((await other).status, "timeout");
});

engineTest("a check with an aborted signal rejects with its reason", async (engine) => {
  using open = new OpenPort();
  await using checker = newChecker(engine);
  const reason = new Error("enough");
  const signal = AbortSignal.abort(reason);
  checker.checkingLoop();
  // While the loop starts, and while it runs.
  assertStrictEquals(await assertRejects(() => checker.checkAddr(open.target, { signal })), reason);
  await checker.waitReady();
  assertStrictEquals(await assertRejects(() => checker.checkAddr(open.target, { signal })), reason);
  assertStrictEquals(await assertRejects(() => checker.checkAll([open.target], { signal }).next()), reason);
});
