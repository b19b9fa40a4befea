import { assertEquals, assertStrictEquals } from "@std/assert";
import type { Checker } from "../../mod.ts";
import { engineTest, newChecker } from "../support/engines.ts";
import { closedPort } from "../support/listener.ts";

/** A running loop, and the controller that stops it. */
async function started(checker: Checker) {
  const stop = new AbortController();
  const loop = checker.checkingLoop(stop.signal);
  await checker.waitReady();
  return { loop, stop };
}

engineTest("checkAll() throws the reason when the loop has stopped while it waited for its source", async (engine) => {
  const reason = new Error("enough");
  const checker = newChecker(engine);
  const { loop, stop } = await started(checker);
  const target = closedPort();
  async function* targets() {
    yield target;
    await loop;
    yield target;
  }
  const results = checker.checkAll(targets());
  assertEquals((await results.next()).value?.status, "refused");
  stop.abort(reason);
  assertStrictEquals(await results.next().catch((error) => error), reason);
  await loop;
});

engineTest("checkAll() throws the reason although its source is pending forever", async (engine) => {
  const reason = new Error("enough");
  const checker = newChecker(engine);
  const { loop, stop } = await started(checker);
  async function* queue() {
    yield closedPort();
    await new Promise(() => {});
  }
  const results = checker.checkAll(queue());
  assertEquals((await results.next()).value?.status, "refused");
  const next = results.next().catch((error) => error);
  stop.abort(reason);
  assertStrictEquals(await next, reason);
  await loop;
});

engineTest("checkAll() that has just begun throws the reason whenever the loop stops", async (engine) => {
  for (let turns = 0; turns < 8; turns++) {
    const reason = new Error(`enough after ${turns}`);
    const checker = newChecker(engine);
    const { loop, stop } = await started(checker);
    const next = checker.checkAll([closedPort()]).next().then(({ value }) => value.status, (error) => error);
    for (let i = 0; i < turns; i++) await undefined;
    stop.abort(reason);
    assertStrictEquals(await next, reason);
    await loop;
  }
});
