import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { Checker, CheckerAlreadyStartedError, CheckerNotRunningError, defaultChecker, isReachable } from "../../mod.ts";
import { engineTest, newChecker } from "../support/engines.ts";
import { closedPort, OpenPort } from "../support/listener.ts";
import { SilentPort } from "../support/silence.ts";

engineTest("checkAddr() rejects before the first start of the loop", async (engine) => {
  const checker = newChecker(engine);
  assertEquals(checker.isReady, false);
  const error = await assertRejects(() => checker.checkAddr("127.0.0.1:80"), CheckerNotRunningError);
  assertEquals(error.name, "CheckerNotRunningError");
  await assertRejects(() => checker.checkAll(["127.0.0.1:80"]).next(), CheckerNotRunningError);
});

engineTest("checkAddr() waits while the loop starts", async (engine) => {
  using open = new OpenPort();
  await using checker = newChecker(engine);
  checker.checkingLoop();
  assertEquals(checker.isReady, false);
  const [one, two] = await Promise.all([checker.checkAddr(open.target), checker.checkAll([open.target]).next()]);
  assertEquals([one.status, two.value.status], ["up", "up"]);
  assertEquals(checker.isReady, true);
});

engineTest("waitReady() resolves when the loop runs", async (engine) => {
  await using checker = newChecker(engine);
  const ready = checker.waitReady();
  checker.checkingLoop();
  await ready;
  assertEquals(checker.isReady, true);
});

engineTest("checkingLoop() resolves when its signal aborts", async (engine) => {
  const stop = new AbortController();
  const checker = newChecker(engine);
  const loop = checker.checkingLoop(stop.signal);
  await checker.waitReady();
  stop.abort();
  assertEquals(checker.isReady, false);
  assertEquals(await loop, undefined);
  await assertRejects(() => checker.checkAddr("127.0.0.1:80"), CheckerNotRunningError);
});

engineTest("checkingLoop() resolves at once with an aborted signal", async (engine) => {
  const checker = newChecker(engine);
  await checker.checkingLoop(AbortSignal.abort());
  assertEquals(checker.isReady, false);
});

engineTest("waitReady() rejects until the next start after a failed start", async (engine) => {
  await using checker = newChecker(engine);
  const reason = new Error("enough");
  const early = checker.waitReady();
  await checker.checkingLoop(AbortSignal.abort(reason));
  for (const ready of [early, checker.waitReady()]) {
    assertStrictEquals(await assertRejects(() => ready), reason);
  }
  const error = await assertRejects(() => checker.checkAddr(closedPort()), CheckerNotRunningError);
  assertStrictEquals(error.cause, reason);
  checker.checkingLoop();
  await checker.waitReady();
  assertEquals((await checker.checkAddr(closedPort())).status, "refused");
});

engineTest("waitReady() waits for the next start after the end of the loop", async (engine) => {
  const stop = new AbortController();
  await using checker = newChecker(engine);
  const loop = checker.checkingLoop(stop.signal);
  await checker.waitReady();
  stop.abort();
  await loop;
  const ready = checker.waitReady();
  checker.checkingLoop();
  await ready;
  assertEquals(checker.isReady, true);
});

engineTest("checks that wait for the start reject with the reason when the loop is stopped", async (engine) => {
  const stop = new AbortController();
  const reason = new Error("enough");
  const checker = newChecker(engine);
  checker.waitReady().then(() => stop.abort(reason));
  const loop = checker.checkingLoop(stop.signal);
  const checks = [checker.checkAddr(closedPort()), checker.checkAll([closedPort()]).next()];
  for (const outcome of await Promise.allSettled(checks)) assertEquals(outcome, { status: "rejected", reason });
  await loop;
});

engineTest("a check's signal cancels it while the loop starts", async (engine) => {
  await using checker = newChecker(engine);
  checker.checkingLoop();
  const cancel = new AbortController();
  const order: string[] = [];
  const check = checker.checkAddr(closedPort(), { signal: cancel.signal }).catch((reason) => order.push(reason));
  const ready = checker.waitReady().then(() => order.push("ready"));
  cancel.abort("cancelled");
  await Promise.all([check, ready]);
  assertEquals(order, ["cancelled", "ready"]);
});

engineTest("a loop that is stopped during its start makes no checks", async (engine) => {
  const stop = new AbortController();
  const checker = newChecker(engine);
  const loop = checker.checkingLoop(stop.signal);
  const ready = checker.waitReady();
  const check = checker.checkAddr("127.0.0.1:80");
  const reason = new Error("enough");
  stop.abort(reason);
  assertStrictEquals(await assertRejects(() => ready), reason);
  assertStrictEquals(await assertRejects(() => check), reason);
  await loop;
});

engineTest("checkingLoop() resolves when it is stopped at any point of its start", async (engine) => {
  for (let turns = 0; turns < 20; turns++) {
    const stop = new AbortController();
    const checker = newChecker(engine);
    const loop = checker.checkingLoop(stop.signal);
    for (let i = 0; i < turns; i++) await Promise.resolve();
    stop.abort();
    await loop;
    assertEquals(checker.isReady, false);
  }
});

engineTest("checkingLoop() rejects while the loop runs", async (engine) => {
  await using checker = newChecker(engine);
  checker.checkingLoop();
  await assertRejects(() => checker.checkingLoop(), CheckerAlreadyStartedError);
  await checker.waitReady();
  const error = await assertRejects(() => checker.checkingLoop(), CheckerAlreadyStartedError);
  assertEquals(error.name, "CheckerAlreadyStartedError");
});

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

Deno.test("timers and aborts run during a sequence of checks of this host", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using checker = new Checker();
  checker.checkingLoop();
  const signal = AbortSignal.timeout(20);
  let up = 0;
  while (!signal.aborted) up += Number((await checker.checkAddr(listener.addr)).status === "up");
  assert(up > 0);
  listener.close();
});

Deno.test("a checker's zeroLinger is the default of its checks", async () => {
  using open = new OpenPort();
  await using checker = new Checker({ zeroLinger: false });
  checker.checkingLoop();
  assertEquals((await checker.checkAddr(open.target)).mode, "full");
  assertEquals((await checker.checkAddr(open.target, { zeroLinger: true })).mode, "half-open");
});

Deno.test("zeroLinger: false ends with a FIN, which the application sees", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using checker = new Checker();
  checker.checkingLoop();
  const accepted = listener.accept();
  const result = await checker.checkAddr(`127.0.0.1:${listener.addr.port}`, { zeroLinger: false });
  assertEquals([result.status, result.mode], ["up", "full"]);
  using connection = await accepted;
  assertEquals(await connection.read(new Uint8Array(1)), null);
});

Deno.test("defaultChecker() is one checker, started on first use, and again after its disposal", async () => {
  using open = new OpenPort();
  const checker = defaultChecker();
  assertStrictEquals(defaultChecker(), checker);
  assertEquals(await isReachable(open.target), true);
  assertEquals(await isReachable(closedPort(), 500), false);
  assertEquals(checker.isReady, true);
  await checker[Symbol.asyncDispose]();
  assertEquals(checker.isReady, false);
  assertEquals(await isReachable(open.target), true);
  assertStrictEquals(defaultChecker(), checker);
  await checker[Symbol.asyncDispose]();
});
