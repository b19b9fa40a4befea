/** Early ends of checkAll(): return(), signals, and sources that fail. */

import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import type { CheckResult } from "../../mod.ts";
import { engineTest, newChecker, runningChecker } from "../support/engines.ts";
import { closedPort, OpenPort } from "../support/listener.ts";
import { engineFiles } from "../support/process.ts";
import { SilentPort } from "../support/silence.ts";

engineTest("a cancelled checkAll() reads no further target from a slow source", async (engine) => {
  using open = new OpenPort();
  await using checker = await runningChecker(engine);
  const asked: PromiseWithResolvers<IteratorResult<string>>[] = [];
  // The iterator has no return(), so only calls of next() show what checkAll() does.
  const source = {
    next() {
      const thought = Promise.withResolvers<IteratorResult<string>>();
      asked.push(thought);
      return thought.promise;
    },
  };
  const stop = new AbortController();
  const results = checker.checkAll({ [Symbol.asyncIterator]: () => source }, { signal: stop.signal });
  const first = results.next();
  first.catch(() => {});
  while (asked.length === 0) await new Promise((resolve) => setTimeout(resolve, 0));
  stop.abort(new Error("enough"));
  await assertRejects(() => first, Error, "enough");
  asked[0].resolve({ done: false, value: open.target });
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals(asked.length, 1);
});

engineTest("leaving checkAll() early cancels checks in flight, and closes the source", async (engine) => {
  using silent = await SilentPort.open();
  using open = new OpenPort();
  await using checker = await runningChecker(engine);
  const files = engineFiles();
  let reported = false;
  function* targets() {
    try {
      for (let i = 0; i < 20; i++) yield silent.target;
      for (;;) yield open.target;
    } finally {
      reported = true;
    }
  }
  let seen = 0;
  for await (const _ of checker.checkAll(targets(), { timeout: 60_000, concurrency: 25 })) {
    if (++seen === 20) break;
  }
  assertEquals(reported, true);
  assertEquals(seen, 20);
  // After the result of a later check the cancellations are complete. Sockets of answered checks may be idle.
  await checker.checkAddr(open.target);
  const left = engineFiles() - files;
  assert(left <= 5 + engine.ports, `${left} sockets are left`);
});

engineTest("leaving checkAll() early does not wait for a pending source", async (engine) => {
  using open = new OpenPort();
  await using checker = await runningChecker(engine);
  async function* targets() {
    yield open.target;
    await new Promise(() => {});
  }
  for await (const { status } of checker.checkAll(targets())) {
    assertEquals(status, "up");
    break;
  }
});

engineTest("checkAll() ends at once when return() is called while a result is awaited", async (engine) => {
  using silent = await SilentPort.open();
  await using checker = await runningChecker(engine);
  async function* idle() {
    yield silent.target;
    await new Promise(() => {});
  }
  for (const targets of [[silent.target], idle()]) {
    const results = checker.checkAll(targets, { timeout: 2 ** 31 - 1 });
    const next = results.next();
    // The check is in flight or about to start.
    await checker.checkAddr(closedPort());
    const end = results.return!();
    assertEquals(await Promise.all([next, end]), Array(2).fill({ done: true, value: undefined }));
  }
});

engineTest("checkAll() reads no target when return() is called before the first next()", async (engine) => {
  await using checker = newChecker(engine);
  checker.checkingLoop();
  let asked = false;
  function* targets() {
    asked = true;
    yield closedPort();
  }
  const results = checker.checkAll(targets());
  const next = results.next();
  await results.return!();
  assertEquals([await next, asked], [{ done: true, value: undefined }, false]);
});

engineTest("leaving checkAll() early throws the error of closing its source", async (engine) => {
  await using checker = await runningChecker(engine);
  const reason = new Error("the list can't be closed");
  function* targets() {
    try {
      for (;;) yield closedPort();
    } finally {
      // deno-lint-ignore no-unsafe-finally
      throw reason;
    }
  }
  const leave = async () => {
    for await (const _ of checker.checkAll(targets(), { concurrency: 2 })) break;
  };
  assertStrictEquals(await assertRejects(leave), reason);
});

engineTest("checkAll() does not close a source that has failed", async (engine) => {
  await using checker = await runningChecker(engine);
  const reason = new Error("the list is damaged");
  let closed = false;
  const source: Iterable<string> = {
    [Symbol.iterator]: () => ({
      next: () => {
        throw reason;
      },
      return: () => {
        closed = true;
        return { done: true, value: undefined };
      },
    }),
  };
  assertStrictEquals(await assertRejects(() => checker.checkAll(source).next()), reason);
  assertEquals(closed, false);
});

engineTest("checkAll() ends with the reason of its signal", async (engine) => {
  using silent = await SilentPort.open();
  using open = new OpenPort();
  await using checker = await runningChecker(engine);
  const abort = new AbortController();
  const reason = new Error("enough");
  const results: CheckResult[] = [];
  const error = await assertRejects(async () => {
    const options = { timeout: 60_000, signal: abort.signal };
    for await (const result of checker.checkAll([open.target, silent.target], options)) {
      results.push(result);
      abort.abort(reason);
    }
  });
  assertStrictEquals(error, reason);
  assertEquals(results.map(({ target }) => target), [open.target]);
});

engineTest("checkAll() ends with the reason of its signal while the source is pending", async (engine) => {
  await using checker = await runningChecker(engine);
  const abort = new AbortController();
  async function* targets() {
    queueMicrotask(() => abort.abort());
    await new Promise(() => {});
    yield "never";
  }
  const error = await assertRejects(() => checker.checkAll(targets(), { signal: abort.signal }).next());
  assertEquals(error.name, "AbortError");
});

engineTest("checkAll() yields the results of the targets before a malformed one, and then throws", async (engine) => {
  using open = new OpenPort();
  await using checker = await runningChecker(engine);
  let reported = false;
  function* targets() {
    try {
      for (let i = 0; i < 10; i++) yield open.target;
      yield "malformed";
    } finally {
      reported = true;
    }
  }
  let seen = 0;
  await assertRejects(
    async () => {
      for await (const { status } of checker.checkAll(targets())) seen += status === "up" ? 1 : 0;
    },
    TypeError,
    `"malformed"`,
  );
  assertEquals(seen, 10);
  assertEquals(reported, true);
});

engineTest(
  "checkAll() yields the results of the targets before its source throws, and then throws the error",
  async (engine) => {
    using open = new OpenPort();
    await using checker = await runningChecker(engine);
    const reason = new Error("the list is damaged");
    function* targets() {
      yield open.target;
      throw reason;
    }
    const results = checker.checkAll(targets());
    assertEquals((await results.next()).value.status, "up");
    assertStrictEquals(await assertRejects(() => results.next()), reason);
    assertEquals(await results.next(), { done: true, value: undefined });
  },
);
