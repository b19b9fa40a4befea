/** Checkers with several engine threads have the guarantees of one with a single thread. */

import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { Checker, type CheckerOptions, type CheckResult } from "../../mod.ts";
import type { Input, Output } from "../scripts/check.ts";
import { assertBackPressure } from "../support/back_pressure.ts";
import { ENGINES, nameFor } from "../support/engines.ts";
import { proves } from "../support/evidence.ts";
import { closedPort, OpenPort } from "../support/listener.ts";
import { namespaceTest, runInNamespace, WIRE } from "../support/namespace.ts";
import { runScript } from "../support/script.ts";
import { SilentPort } from "../support/silence.ts";

const THREADS = [2, 3];

/** Registers a test for each native engine and number of threads. */
function threadsTest(
  name: string,
  fn: (options: CheckerOptions & { threads: number }, test: Deno.TestContext) => Promise<void>,
): void {
  for (const engine of ENGINES.filter(({ name }) => name !== "connect")) {
    for (const threads of THREADS) {
      const full = nameFor(`${name} with ${threads} threads`, engine);
      const run = (test: Deno.TestContext) => fn({ engine: engine.name, threads }, test);
      if (engine.missing === undefined) Deno.test(full, run);
      else Deno.test({ name: `${full} (skipped, ${engine.missing})`, ignore: true, fn: run });
    }
  }
}

threadsTest("each check has its own result", async (options, t) => {
  using open = new OpenPort();
  using silent = await SilentPort.open();
  await using checker = await Checker.start({ ...options, timeout: 5000 });
  await assertEngineThreads(options.threads);
  const kinds: [target: string, status: string][] = [
    [open.target, "up"],
    [closedPort(), "refused"],
    [silent.target, "timeout"],
    [`localhost:${open.port}`, "up"],
  ];
  const targets = Array.from({ length: 2000 }, (_, i) => ({ target: kinds[i % 4][0], expected: kinds[i % 4][1] }));
  const results = await Promise.all(
    targets.map(({ target, expected }) => checker.checkAddr(target, expected === "timeout" ? 50 : 5000)),
  );
  assertEquals(results.map(({ status }) => status), targets.map(({ expected }) => expected));
  assertEquals(results.map(({ target }) => target), targets.map(({ target }) => target));

  const answered = new Map<string, number>();
  for await (const { target, status } of checker.checkAll(targets.map(({ target }) => target), 300)) {
    assertEquals(status, kinds.find(([kind]) => kind === target)![1]);
    answered.set(target, (answered.get(target) ?? 0) + 1);
  }
  assertEquals([...answered.values()], [500, 500, 500, 500]);
  proves(t, "once", `4,000 checks, ${options.threads} threads: each had its own result`);
});

threadsTest("an abort cancels checks in every thread, and a stop ends all threads", async (options) => {
  using open = new OpenPort();
  using silent = await SilentPort.open();
  const checker = await Checker.start(options);
  const aborted = new AbortController();
  const cancelled = Array.from(
    { length: 200 },
    () => checker.checkAddr(silent.target, { timeout: 60_000, signal: aborted.signal }),
  );
  const pending = Array.from({ length: 100 }, () => checker.checkAddr(silent.target, 60_000));
  assertEquals((await checker.checkAddr(open.target)).status, "up");
  aborted.abort(new Error("enough"));
  for (const check of cancelled) await assertRejects(() => check, Error, "enough");
  for await (const result of checker.checkAll(Array(1000).fill(open.target))) {
    assertEquals(result.status, "up");
    break;
  }
  const ended = checker[Symbol.asyncDispose]();
  for (const check of pending) await assertRejects(() => check, DOMException, "The checker was disposed");
  await ended;
  await assertEngineThreads(0);
});

threadsTest("allow is called for each address, and waitUntil() waits", async (options) => {
  using open = new OpenPort();
  await using checker = await Checker.start({ ...options, allow: ({ hostname }) => hostname !== "127.0.0.2" });
  const denied = Array.from({ length: 50 }, () => checker.checkAddr(`127.0.0.2:${open.port}`));
  const allowed = Array.from({ length: 50 }, () => checker.checkAddr(`localhost:${open.port}`, { family: 4 }));
  assertEquals(new Set((await Promise.all(denied)).map(({ status }) => status)), new Set(["denied"]));
  assertEquals(new Set((await Promise.all(allowed)).map(({ status }) => status)), new Set(["up"]));
  assertEquals((await checker.waitUntil(open.target)).status, "up");
});

threadsTest("checkAll() respects its concurrency, and waits for its consumer", async (options) => {
  using open = new OpenPort();
  await using checker = await Checker.start(options);
  await assertBackPressure(checker, open.target);
});

for (const threads of THREADS) {
  namespaceTest(`queueTimeout limits the wait for a port with ${threads} threads`, async () => {
    // Checks that find no port wait in the thread that holds them, and some move there.
    const input: Input = {
      checker: { threads, queueTimeout: 200 },
      checks: [{ target: "192.0.2.9:80", times: 100, options: { timeout: 800 } }],
    };
    const setup = `${WIRE}echo 5000 5009 >/proc/sys/net/ipv4/ip_local_port_range`;
    const { results: [results] } = await runInNamespace<Output>("check.ts", input, { setup });
    const phases = results.map((result) => result.status === "timeout" ? result.phase : result.status);
    const count = (wanted: string) => phases.filter((phase) => phase === wanted).length;
    assertEquals([count("connect"), count("queue")], [10, 90]);
  });
}

threadsTest("a rate holds for all threads together", async (options) => {
  const closed = closedPort();
  await using checker = await Checker.start({ ...options, rate: 200 });
  const began = performance.now();
  const checks = Array.from({ length: 40 }, () => checker.checkAddr(closed));
  const results: CheckResult[] = await Promise.all(checks);
  assert(performance.now() - began >= 39 * 5 - 10);
  assertEquals(new Set(results.map(({ status }) => status)), new Set(["refused"]));
});

threadsTest("2,000 checks at once are all up with 64 descriptors", async (options, t) => {
  using open = new OpenPort();
  const { engine, threads } = options;
  const input: Input = { engine, checker: { threads }, checks: [{ target: open.target, times: 2000 }] };
  const { results: [results] } = await runScript<Output>("check.ts", input, "ulimit -n 64");
  assertEquals(results.filter(({ status }) => status !== "up"), []);
  proves(t, "scarcity", `${results.length} checks at once up, ${threads} threads with 64 descriptors in all`);
});

Deno.test("auto is the number of cores less one, but at least one", async () => {
  await using _checker = await Checker.start({ threads: "auto" });
  await assertEngineThreads(Math.max(navigator.hardwareConcurrency - 1, 1));
});

Deno.test("a checker has one engine thread by default", async () => {
  await using _checker = await Checker.start();
  await assertEngineThreads(1);
});

Deno.test("an invalid number of threads is an error that names it", () => {
  const malformed: [options: unknown, kind: new () => Error, message: string][] = [
    [{ threads: 0 }, RangeError, "threads must be an integer from 1 to 64, it is 0"],
    [{ threads: 65 }, RangeError, "threads must be an integer from 1 to 64, it is 65"],
    [{ threads: 1.5 }, RangeError, "threads must be an integer from 1 to 64, it is 1.5"],
    [{ threads: NaN }, RangeError, "threads must be an integer from 1 to 64, it is NaN"],
    [{ threads: "2" }, TypeError, 'threads must be a number or "auto": "2"'],
    [{ threads: null }, TypeError, 'threads must be a number or "auto": null'],
    [{ thread: 2 }, TypeError, 'did you mean "threads"?'],
    [{ threads: 2, engine: "connect" }, TypeError, 'threads does not work with engine "connect"'],
  ];
  for (const [options, kind, message] of malformed) {
    assertStringIncludes(assertThrows(() => new Checker(options as CheckerOptions), kind).message, message);
  }
});

/** Asserts the number of engine threads. Polls, because a thread sets its name after its start. */
async function assertEngineThreads(expected: number): Promise<void> {
  const deadline = performance.now() + 5000;
  while (engineThreads() !== expected && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assertEquals(engineThreads(), expected);
}

/** Threads of native engines in this process. */
function engineThreads(): number {
  const tasks = [...Deno.readDirSync("/proc/self/task")].map(({ name }) => `/proc/self/task/${name}/comm`);
  return tasks.filter((comm) => Deno.readTextFileSync(comm).startsWith("shaker-engine")).length;
}
