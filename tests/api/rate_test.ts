/** The rate of checks: of a checker, and of one `checkAll()`. */

import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { Checker, type CheckResult } from "../../mod.ts";
import { engineTest } from "../support/engines.ts";
import { closedPort, OpenPort } from "../support/listener.ts";
import { run } from "../support/program.ts";
import { SilentPort } from "../support/silence.ts";

/** Checks per second. The first starts at once. */
const RATE = 200;
const STEP = 1000 / RATE;

/** The minimum time for a number of checks, in ms: 10 ms worth of the rate may start at once. */
function leastTime(checks: number): number {
  return (checks - 1) * STEP - 10;
}

engineTest("a checker starts at most its rate of checks per second", async ({ name }) => {
  const closed = closedPort();
  await using checker = await Checker.start({ engine: name, rate: RATE });
  const began = performance.now();
  const single = Array.from({ length: 20 }, () => checker.checkAddr(closed));
  const [many, ...results] = await Promise.all([Array.fromAsync(checker.checkAll(Array(20).fill(closed))), ...single]);
  assert(performance.now() - began >= leastTime(40));
  assertEquals(new Set([...many, ...results].map(({ status }) => status)), new Set(["refused"]));
});

engineTest("checkAll() takes targets at its rate", async ({ name }) => {
  const closed = closedPort();
  await using checker = await Checker.start({ engine: name });
  const taken: number[] = [];
  function* targets() {
    for (let i = 0; i < 20; i++) {
      taken.push(performance.now());
      yield closed;
    }
  }
  const results: CheckResult[] = await Array.fromAsync(checker.checkAll(targets(), { rate: RATE }));
  assertEquals(results.map(({ status }) => status), Array(20).fill("refused"));
  for (let i = 0; i < 20; i++) assert(taken[i] - taken[0] >= leastTime(i + 1), taken.join(" "));
});

engineTest("a timeout does not count the wait for the rate", async ({ name }) => {
  using open = new OpenPort();
  await using checker = await Checker.start({ engine: name, rate: 20, timeout: 40 });
  // The last check waits five times its timeout.
  const results = await Promise.all(Array.from({ length: 5 }, () => checker.checkAddr(open.target)));
  assertEquals(results.map(({ status }) => status), Array(5).fill("up"));
  results.forEach(({ queueTime = 0 }, i) => assert(queueTime >= 50 * i - 10, `${i} waited for ${queueTime} ms`));
});

engineTest("cancelled checks that wait for the rate take no token", async ({ name }) => {
  using silent = await SilentPort.open();
  await using checker = await Checker.start({ engine: name, rate: 1 });
  const first = checker.checkAddr(silent.target, 10);
  const cancel = new AbortController();
  const reason = new Error("enough");
  const waiting = [
    checker.checkAddr(silent.target, { signal: cancel.signal }),
    checker.checkAll([silent.target], { signal: cancel.signal }).next(),
    checker.checkAll(Array(5).fill(silent.target), { rate: 1, signal: cancel.signal }).next(),
  ];
  assertEquals((await first).status, "timeout");
  cancel.abort(reason);
  for (const check of waiting) assertStrictEquals(await assertRejects(() => check), reason);
});

engineTest("stopping a checker rejects checks that wait for the rate", async ({ name }) => {
  const stop = new AbortController();
  await using checker = await Checker.start({ engine: name, rate: 1, signal: stop.signal });
  const closed = closedPort();
  assertEquals((await checker.checkAddr(closed)).status, "refused");
  const waiting = [1, 2, 3].map(() => checker.checkAddr(closed));
  const stream = checker.checkAll([closed]).next();
  const reason = new Error("enough");
  stop.abort(reason);
  for (const check of [...waiting, stream]) assertStrictEquals(await assertRejects(() => check), reason);
});

engineTest("leaving checkAll() ends its wait for the rate at once", async ({ name }) => {
  await using checker = await Checker.start({ engine: name });
  // The next check would start in more than a day, and the test would wait for it.
  for await (const { status } of checker.checkAll([closedPort(), closedPort()], { rate: 1e-5 })) {
    assertEquals(status, "refused");
    break;
  }
});

Deno.test("a check that waits for the rate keeps the process alive", async () => {
  const { code, stdout } = await run(`
    const checker = await Checker.start({ rate: 10 });
    checker.unref();
    for (let i = 0; i < 3; i++) checker.checkAddr("127.0.0.1:1").then(({ status }) => console.log(status));
  `);
  assertEquals([code, stdout], [0, "refused\n".repeat(3)]);
});
