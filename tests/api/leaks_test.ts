import { assert, assertEquals } from "@std/assert";
import { Checker } from "../../mod.ts";
import { proves } from "../support/evidence.ts";
import { engineTest, newChecker } from "../support/engines.ts";
import { closedPort, OpenPort } from "../support/listener.ts";
import { engineFiles, ourThreads } from "../support/process.ts";
import { scaled } from "../support/scale.ts";
import { SilentPort } from "../support/silence.ts";

/** Waits for the resolver threads to end; with a leaked thread the wait never ends. */
async function threadsEnd(): Promise<void> {
  while (ourThreads().length > 0) await new Promise((resolve) => setTimeout(resolve, 1));
}

const ROUNDS = scaled(100, 10);
const CHECKS = scaled(100_000, 4000);

Deno.test("rounds of start and stop leak no descriptor and no thread", async (t) => {
  using silent = await SilentPort.open();
  using open = new OpenPort();
  const closed = closedPort();
  const checker = new Checker();
  const files = engineFiles();
  for (let round = 0; round < ROUNDS; round++) {
    const stop = new AbortController();
    const loop = checker.checkingLoop(stop.signal);
    const pending = [silent.target, "localhost:1", "localhost:2"].map((target) => checker.checkAddr(target, 60_000));
    const settled = Promise.allSettled(pending);
    await Promise.all([checker.checkAddr(open.target), checker.checkAddr(closed)]);
    // A new resolver thread briefly has its parent's name, so the count may be higher.
    assert(ourThreads().includes("shaker-engine"));
    stop.abort();
    await loop;
    await settled;
    // A lookup in flight has its own descriptors.
    await threadsEnd();
    assertEquals(engineFiles(), files, `after round ${round}`);
  }
  proves(
    t,
    "nothingLeft",
    `${ROUNDS} rounds: ${engineFiles() - files} descriptors and ${ourThreads().length} threads left`,
  );
});

Deno.test("many checks leak no descriptor and no thread", async (t) => {
  using open = new OpenPort();
  const closed = closedPort();
  const files = engineFiles();
  {
    await using checker = new Checker();
    checker.checkingLoop();
    let [started, wrong] = [0, 0];
    const worker = async () => {
      while (started < CHECKS) {
        const target = started++ % 2 === 0 ? open.target : closed;
        const { status } = await checker.checkAddr(target);
        if (status !== (target === closed ? "refused" : "up")) wrong++;
      }
    };
    await Promise.all(Array.from({ length: 500 }, worker));
    assertEquals(wrong, 0);
  }
  assertEquals(engineFiles(), files);
  await threadsEnd();
  proves(
    t,
    "nothingLeft",
    `${CHECKS} checks: ${engineFiles() - files} descriptors and ${ourThreads().length} threads left`,
  );
});

engineTest("a burst releases its descriptors while the loop runs", async (engine, t) => {
  using open = new OpenPort();
  await using checker = newChecker(engine);
  checker.checkingLoop();
  await checker.waitReady();
  const idle = engineFiles();
  await Promise.all(Array.from({ length: 1000 }, () => checker.checkAddr(open.target)));
  const most = engineFiles() - idle;
  while (engineFiles() > idle) await new Promise((resolve) => setTimeout(resolve, 50));
  const left = engineFiles() - idle;
  assertEquals((await checker.checkAddr(open.target)).status, "up");
  proves(t, "nothingLeft", `${most} sockets after a burst, ${left} after a time without use`);
});

Deno.test("many concurrent checks all have results", async (t) => {
  using open = new OpenPort();
  const closed = closedPort();
  await using checker = new Checker();
  checker.checkingLoop();
  const results = await Promise.all(
    Array.from({ length: CHECKS }, (_, i) => checker.checkAddr(i % 2 === 0 ? open.target : closed, 500)),
  );
  assertEquals(results.filter(({ status }, i) => status !== (i % 2 === 0 ? "up" : "refused")), []);
  const up = results.filter(({ status }) => status === "up").length;
  proves(t, "scale", `${results.length} checks at once: ${up} up, ${results.length - up} refused`);
});

engineTest("cancelled checks leak no socket", async (engine) => {
  using silent = await SilentPort.open();
  await using checker = newChecker(engine);
  checker.checkingLoop();
  await checker.waitReady();
  const files = engineFiles();
  for (let round = 0; round < 20; round++) {
    const cancel = new AbortController();
    const checks = Array.from({ length: 200 }, () =>
      checker.checkAddr(silent.target, {
        timeout: 60_000,
        signal: cancel.signal,
      }));
    const settled = Promise.allSettled(checks);
    await checker.checkAddr(closedPort());
    cancel.abort();
    assertEquals((await settled).every(({ status }) => status === "rejected"), true);
    // After the result of a later check the cancellations are complete. The engine then has one idle socket, and one for
    // checks on the caller's thread.
    await checker.checkAddr(closedPort());
    assert(engineFiles() <= files + 2 + engine.ports, `${engineFiles() - files} sockets are left`);
  }
});

Deno.test("full connects leak no descriptor and no operation when their loop is stopped", async () => {
  using silent = await SilentPort.open();
  using open = new OpenPort();
  const closed = closedPort();
  const checker = new Checker({ engine: "connect" });
  const files = engineFiles();
  for (let round = 0; round < ROUNDS; round++) {
    const stop = new AbortController();
    const loop = checker.checkingLoop(stop.signal);
    const settled = Promise.allSettled(Array.from({ length: 10 }, () => checker.checkAddr(silent.target, 60_000)));
    await Promise.all([checker.checkAddr(open.target), checker.checkAddr(closed)]);
    stop.abort();
    await loop;
    await settled;
    assertEquals(engineFiles(), files, `after round ${round}`);
  }
});
