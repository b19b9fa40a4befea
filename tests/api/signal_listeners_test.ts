/** Listeners of abort signals: a long-lived signal keeps no listener of checks that have ended. */

import { assertEquals, assertRejects } from "@std/assert";
import { getEventListeners } from "node:events";
import { Checker } from "../../mod.ts";
import { proves } from "../support/evidence.ts";
import { closedPort, OpenPort } from "../support/listener.ts";
import { SilentPort } from "../support/silence.ts";

function listeners(signal: AbortSignal): number {
  return getEventListeners(signal, "abort").length;
}

Deno.test("a signal keeps no listener of a check that has its result", async (t) => {
  using open = new OpenPort();
  await using checker = new Checker();
  checker.checkingLoop();
  await checker.waitReady();
  const { signal } = new AbortController();
  const targets = [open.target, closedPort()];
  const pending = Array.from({ length: 300 }, (_, i) => checker.checkAddr(targets[i % 2], { signal }));
  const most = listeners(signal);
  await Promise.all(pending);
  assertEquals([most, listeners(signal)], [1, 0]);
  const left = listeners(signal);
  proves(t, "nothingLeft", `${most} listener for ${pending.length} checks in flight, ${left} after their end`);
});

Deno.test("a signal cancels its pending checks", async () => {
  using open = new OpenPort();
  using silent = await SilentPort.open();
  await using checker = new Checker();
  checker.checkingLoop();
  await checker.waitReady();
  const controller = new AbortController();
  const { signal } = controller;
  const timeout = 60_000;
  const done = await checker.checkAddr(open.target, { signal });
  const pending = Array.from({ length: 3 }, () => checker.checkAddr(silent.target, { signal, timeout }));
  const quick = await checker.checkAddr(open.target, { signal });
  controller.abort("enough");
  assertEquals([done.status, quick.status, listeners(signal)], ["up", "up", 0]);
  for (const outcome of await Promise.allSettled(pending)) {
    assertEquals(outcome, { status: "rejected", reason: "enough" });
  }
});

Deno.test("a signal keeps no listener of a check after the loop was stopped", async () => {
  using silent = await SilentPort.open();
  const { signal } = new AbortController();
  const checker = new Checker();
  checker.checkingLoop();
  await checker.waitReady();
  const check = assertRejects(() => checker.checkAddr(silent.target, { signal, timeout: 60_000 }));
  assertEquals(listeners(signal), 1);
  await checker[Symbol.asyncDispose]();
  await check;
  assertEquals(listeners(signal), 0);
});

Deno.test("a signal keeps no listener of checkAll(), completed or left early", async () => {
  using open = new OpenPort();
  await using checker = new Checker();
  checker.checkingLoop();
  const { signal } = new AbortController();
  for (const enough of [1, 10]) {
    let results = 0;
    for await (const _ of checker.checkAll(Array(10).fill(open.target), { signal })) {
      if (++results === enough) break;
    }
    assertEquals([results, listeners(signal)], [enough, 0]);
  }
});

Deno.test("a signal keeps no listener of a loop that was disposed of", async () => {
  const { signal } = new AbortController();
  const checker = new Checker();
  const loop = checker.checkingLoop(signal);
  await checker.waitReady();
  assertEquals(listeners(signal), 1);
  await checker[Symbol.asyncDispose]();
  await loop;
  assertEquals(listeners(signal), 0);
});
