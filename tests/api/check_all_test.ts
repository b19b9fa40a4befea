import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { assertBackPressure } from "../support/back_pressure.ts";
import { proves } from "../support/evidence.ts";
import { Checker, type CheckResult } from "../../mod.ts";
import { engineTest, newChecker, runningChecker } from "../support/engines.ts";
import { closedPort, OpenPort } from "../support/listener.ts";
import { engineFiles } from "../support/process.ts";
import { run } from "../support/program.ts";
import { scaled } from "../support/scale.ts";
import { SilentPort } from "../support/silence.ts";

engineTest("checkAll() yields one result per target", async (engine) => {
  using open = new OpenPort();
  await using checker = await runningChecker(engine);
  const closed = closedPort();
  const targets = Array.from({ length: 1000 }, (_, i) => i % 3 === 0 ? closed : open.target);
  const counts = new Map<string, number>();
  for await (const { target, status } of checker.checkAll(targets)) {
    const key = `${target} ${status}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  assertEquals(counts, new Map([[`${closed} refused`, 334], [`${open.target} up`, 666]]));
});

engineTest("checkAll() reads no further target from a slow source after it was cancelled", async (engine) => {
  using open = new OpenPort();
  await using checker = await runningChecker(engine);
  const asked: PromiseWithResolvers<IteratorResult<string>>[] = [];
  // The iterator has no return(): only its next() calls show what checkAll() does.
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

engineTest("checkAll() of no targets ends at once", async (engine) => {
  await using checker = await runningChecker(engine);
  assertEquals(await Array.fromAsync(checker.checkAll([])), []);
});

engineTest("checkAll() yields results in order of completion", async (engine) => {
  using silent = await SilentPort.open();
  using open = new OpenPort();
  await using checker = await runningChecker(engine);
  const results = checker.checkAll([silent.target, open.target], { timeout: 60_000 });
  const first = await results.next();
  assertEquals(first.value.target, open.target);
  await results.return!();
});

engineTest("checkAll() has no more checks in flight than its concurrency", async (engine) => {
  using open = new OpenPort();
  await using checker = await runningChecker(engine);
  let taken = 0;
  let answered = 0;
  let most = 0;
  function* targets() {
    for (; taken < 1000; taken++) {
      most = Math.max(most, taken - answered);
      yield open.target;
    }
  }
  for await (const _ of checker.checkAll(targets(), { concurrency: 7 })) answered++;
  assertEquals(answered, 1000);
  // Seven checks in flight, and at most as many results waiting to be consumed, some of them fetched together.
  assert(most <= 21, `${most} targets were taken without a result`);
});

engineTest("checkAll() has as many checks in flight by default as the engine can use", async ({ name }) => {
  using silent = await SilentPort.open();
  await using checker = new Checker({ engine: name, fallback: "error", ...name === "raw" && { rate: 1000 } });
  checker.checkingLoop();
  /** Starts checks up to the concurrency limit, and returns their number. */
  const fill = async (timeout: number) => {
    let taken = 0;
    const full = new AbortController();
    function* endless() {
      // All targets are taken in one turn, because no result is ready.
      setTimeout(() => full.abort(), 0);
      for (;;) {
        taken++;
        yield silent.target;
      }
    }
    const results = checker.checkAll(endless(), { timeout, signal: full.signal });
    await assertRejects(() => results.next(), DOMException);
    return taken;
  };
  const [short, long] = [await fill(1000), await fill(20_000)];
  if (name === "raw") return assertEquals([short, long], [4096, 20_000]);
  // Limited by descriptors, independent of the timeout.
  assertEquals(short, long);
  assert(short > 1 && short <= 4096, `${short} were under way`);
});

engineTest("checkAll() takes no more targets while its results are not consumed", async (engine) => {
  using open = new OpenPort();
  await using checker = await runningChecker(engine);
  await assertBackPressure(checker, open.target);
});

engineTest("checkAll() takes async iterables", async (engine) => {
  using open = new OpenPort();
  await using checker = await runningChecker(engine);
  async function* targets() {
    for (let i = 0; i < 100; i++) {
      if (i % 10 === 0) await checker.checkAddr(open.target);
      yield open.target;
    }
  }
  const results = await Array.fromAsync(checker.checkAll(targets(), { concurrency: 3 }));
  assertEquals(results.length, 100);
  assert(results.every(({ status }) => status === "up"));
});

engineTest("leaving checkAll() early cancels checks in flight, and closes the source", async (engine) => {
  using silent = await SilentPort.open();
  using open = new OpenPort();
  await using checker = await runningChecker(engine);
  const files = engineFiles();
  let told = false;
  function* targets() {
    try {
      for (let i = 0; i < 20; i++) yield silent.target;
      for (;;) yield open.target;
    } finally {
      told = true;
    }
  }
  let seen = 0;
  for await (const _ of checker.checkAll(targets(), { timeout: 60_000, concurrency: 25 })) {
    if (++seen === 20) break;
  }
  assertEquals(told, true);
  assertEquals(seen, 20);
  // When a later check is answered, earlier cancellations are complete. Sockets of answered checks may be idle.
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
    // In flight, or about to start.
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

engineTest("leaving checkAll() early throws the error that its source throws when it is closed", async (engine) => {
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

engineTest("checkAll() ends with the reason of its signal although the source is pending", async (engine) => {
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

engineTest("checkAll() answers the targets before a malformed one, and then throws", async (engine) => {
  using open = new OpenPort();
  await using checker = await runningChecker(engine);
  let told = false;
  function* targets() {
    try {
      for (let i = 0; i < 10; i++) yield open.target;
      yield "malformed";
    } finally {
      told = true;
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
  assertEquals(told, true);
});

engineTest("checkAll() answers the targets before its source throws, and then throws the same", async (engine) => {
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
});

engineTest(`checkAll() with resolve: "all" yields a result for each address of a name`, async (engine) => {
  using open = new OpenPort();
  await using checker = await runningChecker(engine);
  const named = await Array.fromAsync(
    checker.checkAll([`localhost:${open.port}`, open.target], { resolve: "all", family: 4 }),
  );
  assertEquals(named.map(({ status, address }) => [status, address?.hostname]), [
    ["up", "127.0.0.1"],
    ["up", "127.0.0.1"],
  ]);
});

Deno.test("checkAll() needs flat memory for any number of targets", async (t) => {
  using open = new OpenPort();
  const step = scaled(50_000, 5000);
  const script = `
    function* targets() {
      for (let i = 0; i < ${5 * step}; i++) yield "${open.target}";
    }
    await using checker = new Checker();
    checker.checkingLoop();
    const used = [];
    let up = 0;
    for await (const { status } of checker.checkAll(targets(), { concurrency: 500 })) {
      if (status === "up" && ++up % ${step} === 0) {
        gc();
        used.push(Deno.memoryUsage().heapUsed);
      }
    }
    console.log(JSON.stringify(used));
  `;
  const { stdout, stderr } = await run(script, ["--allow-ffi", "--v8-flags=--expose-gc"]);
  assertEquals(stderr, "");
  const used: number[] = JSON.parse(stdout);
  assertEquals(used.length, 5);
  // If results were kept, 20,000 would take 4 MB; 500 that wait to be consumed take 0.1 MB.
  assert(used[4] - used[0] < 2e6, `the heap grew from ${used[0]} to ${used[4]} bytes`);
  const growth = Math.round((used[4] - used[0]) / 1000);
  proves(t, "nothingLeft", `the heap grew by ${growth} kB from result ${step} to result ${5 * step}`);
});
