/** `waitUntil()`: the ends of a wait. */

import { assert, assertEquals, assertRejects, assertStrictEquals, assertStringIncludes } from "@std/assert";
import { Checker, type Status, WaitDeadlineError, type WaitOptions, waitUntil } from "../../mod.ts";
import { engineTest } from "../support/engines.ts";
import { closedPort, OpenPort } from "../support/listener.ts";
import { run } from "../support/program.ts";
import { SilentPort } from "../support/silence.ts";

engineTest("waitUntil() resolves once the target is up", async ({ name }) => {
  const [hostname, port] = closedPort().split(":");
  const target = { hostname, port: Number(port) };
  await using checker = await Checker.start({ engine: name });
  let listener: Deno.Listener | undefined;
  const seen: Status[] = [];
  const result = await checker.waitUntil(target, {
    interval: 1,
    onResult: ({ status }) => {
      if (seen.push(status) === 3) listener = Deno.listen(target);
    },
  });
  assertEquals(seen, ["refused", "refused", "refused", "up"]);
  assertEquals(result.status, "up");
  assertStrictEquals(result.target, target);
  listener!.close();
});

engineTest("waitUntil() resolves once the target is down", async ({ name }) => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  using silent = await SilentPort.open();
  await using checker = await Checker.start({ engine: name, timeout: 50 });
  const down = { state: "down", interval: 1 } as const;
  const refused = await checker.waitUntil(listener.addr, {
    ...down,
    onResult: ({ status }) => {
      if (status === "up") listener.close();
    },
  });
  assertEquals(refused.status, "refused");
  assertEquals((await checker.waitUntil(silent.target, down)).status, "timeout");
  assertEquals((await checker.waitUntil("[::1]:1", { ...down, family: 6 })).status, "refused");
});

engineTest("waitUntil() does not count a local error as down", async ({ name }) => {
  await using checker = await Checker.start({ engine: name });
  // The interface does not exist, which is a local error.
  const wait = checker.waitUntil("[fe80::1%nosuch0]:80", { state: "down", interval: 1, deadline: 500 });
  const { result } = await assertRejects(() => wait, WaitDeadlineError);
  assertEquals(result?.status, "local-error");
});

engineTest("waitUntil() rejects at the deadline, with the last result", async ({ name }) => {
  using open = new OpenPort();
  using silent = await SilentPort.open();
  await using checker = await Checker.start({ engine: name });
  const closed = closedPort();
  const startedAt = performance.now();
  const error = await assertRejects(() => checker.waitUntil(closed, { deadline: 500, interval: 5 }), WaitDeadlineError);
  assert(performance.now() - startedAt >= 500);
  assertEquals([error.name, error.result?.status], ["WaitDeadlineError", "refused"]);
  assertStringIncludes(error.message, `Gave up after 500 ms: "${closed}" was not up, the last check found refused`);
  // The deadline cancels a check in flight, whose silence does not count as down.
  const down: WaitOptions = { state: "down", deadline: 50, timeout: 60_000 };
  const early = await assertRejects(() => checker.waitUntil(silent.target, down), WaitDeadlineError);
  assertEquals(early.result, undefined);
  assertStringIncludes(early.message, "was not down, no check has ended");
  const up = await assertRejects(
    () => checker.waitUntil(open.target, { ...down, deadline: 500, interval: 5 }),
    WaitDeadlineError,
  );
  assertStringIncludes(up.message, "was not down, the last check found up");
});

engineTest("waitUntil() waits until the state has lasted for stableFor", async ({ name }) => {
  const [hostname, port] = closedPort().split(":");
  const target = { hostname, port: Number(port) };
  await using checker = await Checker.start({ engine: name });
  // The target comes up, goes down, and comes up to stay.
  let listener: Deno.Listener | undefined = Deno.listen(target);
  const seen: Status[] = [];
  let upSince = 0;
  await checker.waitUntil(target, {
    interval: 1,
    stableFor: 300,
    onResult: ({ status }) => {
      seen.push(status);
      if (seen.length === 2) listener = listener?.close() ?? undefined;
      if (status !== "up") {
        listener ??= Deno.listen(target);
        upSince = performance.now();
      }
    },
  });
  // `stableFor` counts from the start of a check, which is before its result.
  assert(performance.now() - upSince >= 299);
  assertEquals(seen.slice(0, 2), ["up", "up"]);
  assertEquals(seen.slice(2).lastIndexOf("refused"), 0, seen.join(" "));
  assert(seen.length > 4);
  listener?.close();
});

engineTest("waitUntil()'s signal ends a check, and a pause, with its reason", async ({ name }) => {
  using silent = await SilentPort.open();
  await using checker = await Checker.start({ engine: name });
  const reason = new Error("enough");
  const stop = new AbortController();
  const { signal } = stop;
  const { promise: paused, resolve } = Promise.withResolvers<void>();
  const waits = [
    checker.waitUntil(silent.target, { timeout: 60_000, signal }),
    checker.waitUntil(silent.target, { timeout: 60_000, signal, deadline: Infinity }),
    checker.waitUntil(closedPort(), { interval: 60_000, signal, onResult: () => resolve() }),
  ];
  await paused;
  stop.abort(reason);
  for (const wait of [...waits, checker.waitUntil(silent.target, { signal })]) {
    assertStrictEquals(await assertRejects(() => wait), reason);
  }
});

Deno.test("waitUntil() rejects malformed options", async () => {
  await using checker = await Checker.start();
  const malformed: [options: unknown, kind: new () => Error, message: string][] = [
    [{ state: "open" }, TypeError, `state must be "up" or "down": "open"`],
    [{ deadline: -1 }, RangeError, "deadline must be from 0 to 2147483647 ms, it is -1"],
    [{ deadline: "5s" }, TypeError, `deadline must be a number: "5s"`],
    [{ interval: Infinity }, RangeError, "interval must be"],
    [{ stableFor: NaN }, RangeError, "stableFor must be"],
    [{ timeout: -1 }, RangeError, "timeout must be"],
    [{ signal: {} }, TypeError, "signal must be"],
    [{ onResult: 3 }, TypeError, "onResult must be a function: 3"],
    [{ stablefor: 5 }, TypeError, `waitUntil() has no option "stablefor": did you mean "stableFor"?`],
    [5, TypeError, "options of waitUntil() must be an object: 5"],
  ];
  for (const [options, kind, message] of malformed) {
    await assertRejects(() => checker.waitUntil(closedPort(), options as WaitOptions), kind, message);
  }
  await assertRejects(() => checker.waitUntil("no port"), TypeError, "it has no port");
});

Deno.test("a wait of the default checker keeps the process alive, and leaks nothing", async () => {
  using open = new OpenPort();
  assertEquals((await waitUntil(open.target)).status, "up");
  const { code, stdout, stderr } = await run(`
    const wait = defaultChecker().waitUntil("127.0.0.1:1", { deadline: 50, interval: 10 });
    wait.catch(({ name }) => console.log(name));
  `);
  assertEquals([code, stdout, stderr], [0, "WaitDeadlineError\n", ""]);
});
