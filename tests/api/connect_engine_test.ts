/** The engine "connect": behaviour that other engines don't share. Shared behaviour is tested over all engines. */

import { assert, assertEquals } from "@std/assert";
import { Checker, type CheckResult } from "../../mod.ts";
import { Semaphore } from "../../lib/connect/semaphore.ts";
import type { Output } from "../scripts/few_files.ts";
import { blockEventLoop } from "../support/block.ts";
import { closedPort, OpenPort } from "../support/listener.ts";
import { run } from "../support/program.ts";
import { runScript } from "../support/script.ts";

function connecting(): Checker {
  const checker = new Checker({ engine: "connect" });
  checker.checkingLoop();
  return checker;
}

Deno.test("a full connect ends with a FIN, which the application sees", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using checker = connecting();
  const accepted = listener.accept();
  const result = await checker.checkAddr(`127.0.0.1:${listener.addr.port}`);
  assertEquals([result.status, result.mode], ["up", "full"]);
  using connection = await accepted;
  assertEquals(await connection.read(new Uint8Array(1)), null);
});

Deno.test("a full connect is not a timeout when JavaScript was too busy to see the answer", async () => {
  using open = new OpenPort();
  await using checker = connecting();
  await checker.waitReady();
  const targets = [...Array(50).fill(open.target), `localhost:${open.port}`];
  const results = Promise.all(targets.map((target) => checker.checkAddr(target, { timeout: 20, family: 4 })));
  blockEventLoop(300);
  assertEquals((await results).map(({ status }) => status), Array(51).fill("up"));
});

Deno.test("thousands of full connects at once are no timeouts while Deno is late to deliver their outcomes", async () => {
  using open = new OpenPort();
  await using checker = connecting();
  await checker.waitReady();
  const targets = [open.target, closedPort()];
  // Loopback answers within a system call. That the event loop takes longer must not be a timeout.
  const checks = Array.from({ length: 6000 }, (_, i) => checker.checkAddr(targets[i % 2], { timeout: 5 }));
  const results = await Promise.all(checks);

  const statuses = ["up", "refused"];
  assertEquals(results.filter(({ status }, i) => status !== statuses[i % 2]), []);
});

Deno.test("results of full connects that are not yet delivered are dropped after an abort", async () => {
  await using checker = connecting();
  const abort = new AbortController();
  const reason = new Error("enough");
  function* targets() {
    // The outcome is known at once, and delivered in a later turn.
    for (let i = 0; i < 5; i++) yield "127.0.0.1:1";
    abort.abort(reason);
  }
  const results = checker.checkAll(targets(), { family: 6, signal: abort.signal });
  assertEquals(await results.next().catch((error) => error), reason);
  await new Promise((resolve) => setTimeout(resolve));
});

Deno.test("the times of full connects are whole nanoseconds, without the noise of a subtraction", async () => {
  using open = new OpenPort();
  await using checker = connecting();
  for (let i = 0; i < 50; i++) {
    const result = await checker.checkAddr(`localhost:${open.port}`, { family: 4 });
    assert(result.status === "up");
    for (const time of [result.rtt, result.dnsTime, result.duration]) assertEquals(time, Number(time.toFixed(6)));
  }
});

Deno.test("zeroLinger changes nothing about full connects", async () => {
  using open = new OpenPort();
  await using checker = connecting();
  for (const zeroLinger of [true, false]) {
    assertEquals((await checker.checkAddr(open.target, { zeroLinger })).mode, "full");
  }
});

Deno.test("full connects need only --allow-net, and only for their targets", async () => {
  using open = new OpenPort();
  const script = `
    await using checker = new Checker({ engine: "connect" });
    checker.checkingLoop();
    const { status, mode } = await checker.checkAddr("${open.target}");
    console.log(status, mode);
  `;
  for (const flag of ["--allow-net", `--allow-net=${open.target}`]) {
    assertEquals(await run(script, [flag]), { code: 0, stdout: "up full\n", stderr: "" });
  }
  // A name needs the permission for its lookup, with any port, and for its addresses.
  const named = script.replace(open.target, `localhost:${open.port}`);
  const flag = `--allow-net=localhost,127.0.0.1:${open.port},[::1]:${open.port}`;
  assertEquals(await run(named, [flag]), { code: 0, stdout: "up full\n", stderr: "" });
});

Deno.test("without --allow-net full connects are rejected with Deno's own error, and the loop runs on", async () => {
  using open = new OpenPort();
  const script = `
    await using checker = new Checker({ engine: "connect" });
    checker.checkingLoop();
    const told = ({ name, message }) => console.log(name + ": " + message);
    await checker.checkAddr("127.0.0.1:1").catch(told);
    await checker.checkAddr("localhost:1").catch(told);
    await checker.checkAddr("[fe80::1%nosuch0]:1").catch(told);
    await checker.checkAll(["127.0.0.1:1"]).next().catch(told);
    console.log((await checker.checkAddr("${open.target}")).status);
  `;
  const { code, stdout, stderr } = await run(script, [`--allow-net=${open.target}`]);
  const needs = ["127.0.0.1:1", "localhost", "[fe80::1]:1", "127.0.0.1:1"];
  const told = needs.map((what) =>
    `NotCapable: Requires net access to "${what}", run again with the --allow-net flag\n`
  );
  assertEquals([code, stdout, stderr], [0, `${told.join("")}up\n`, ""]);
});

Deno.test("full connects that find no descriptor wait only for descriptors of this engine", async () => {
  using open = new OpenPort();
  const { starved, fed } = await runScript<Output>("few_files.ts", { target: open.target }, "ulimit -n 64");
  // All descriptors belong to other code, so there is nothing to wait for.
  assertEquals(starved.map(outcome), Array(10).fill("local-error EMFILE"));
  assertEquals(fed.map(outcome), Array(100).fill("up"));
});

Deno.test("a semaphore grants permits in FIFO order, but not to aborted requests", async () => {
  const semaphore = new Semaphore(2);
  const granted: number[] = [];
  const requests = [0, 1, 2, 3, 4].map((i) => {
    const abort = new AbortController();
    semaphore.acquire(abort.signal).then((isGranted) => isGranted && granted.push(i));
    return abort;
  });
  await microtasks();
  assertEquals(granted, [0, 1]);
  requests[2].abort();
  semaphore.release();
  await microtasks();
  assertEquals(granted, [0, 1, 3]);
  semaphore.release();
  await microtasks();
  assertEquals(granted, [0, 1, 3, 4]);
});

Deno.test("a semaphore grants a bounded number of permits in one turn of the event loop", async () => {
  const semaphore = new Semaphore(100, 10);
  let granted = 0;
  const all = Promise.all(Array.from({ length: 30 }, async () => {
    if (await semaphore.acquire(new AbortController().signal)) granted++;
  }));
  await microtasks();
  assertEquals(granted, 10);
  await all;
});

Deno.test("a semaphore backs off to three quarters of its permits, until all are released", async () => {
  const semaphore = new Semaphore(100);
  let taken = 0;
  const fill = async () => {
    // More requests than permits; the rest are aborted.
    const abort = new AbortController();
    for (let i = 0; i < 200; i++) semaphore.acquire(abort.signal).then((isGranted) => isGranted && taken++);
    await microtasks();
    abort.abort();
    return taken;
  };
  const release = (left: number) => {
    for (; taken > left; taken--) semaphore.release();
  };
  assertEquals(await fill(), 100);
  // 99 other permits are taken.
  assertEquals(semaphore.backOff(), true);
  release(10);
  assertEquals(await fill(), 74);
  release(0);
  assertEquals(await fill(), 100);
});

Deno.test("backOff() returns false if no other permit is in use", async () => {
  const semaphore = new Semaphore(10);
  await semaphore.acquire(new AbortController().signal);
  assertEquals(semaphore.backOff(), false);
});

function outcome(result: CheckResult): string {
  return "code" in result ? `${result.status} ${result.code}` : result.status;
}

/** Waits until the microtasks have run. A semaphore answers in them. */
async function microtasks(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}
