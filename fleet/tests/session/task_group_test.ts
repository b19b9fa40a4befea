/** Task groups: how tasks end when one fails, when the signal aborts, and when one never ends. */

import { assertEquals, assertRejects } from "@std/assert";
import { runTaskGroup } from "../../lib/session/task_group.ts";

/** A task that ends when its signal aborts. */
function untilSignal(onEnd: () => void): (signal: AbortSignal) => Promise<void> {
  return async (signal) => {
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    await Promise.resolve();
    onEnd();
  };
}

/** A task whose request is never answered. */
const never = () => new Promise<void>(() => {});

Deno.test("a group ends when all tasks have ended", async () => {
  const ended: string[] = [];
  const abort = new AbortController();
  const group = runTaskGroup(abort.signal, [untilSignal(() => ended.push("a")), untilSignal(() => ended.push("b"))]);
  abort.abort();
  await group;
  assertEquals(ended, ["a", "b"]);
});

Deno.test("a task that fails ends the others before the group rejects", async () => {
  const ended: string[] = [];
  const fail = () => Promise.reject(new Error("lost"));
  const { signal } = new AbortController();
  await assertRejects(() => runTaskGroup(signal, [untilSignal(() => ended.push("a")), fail]), Error, "lost");
  assertEquals(ended, ["a"]);
});

Deno.test("a task that never ends delays neither a failed group nor an aborted one", async () => {
  const abort = new AbortController();
  const fail = () => Promise.reject(new Error("lost"));
  await assertRejects(() => runTaskGroup(abort.signal, [never, fail]), Error, "lost");
  const ended = runTaskGroup(abort.signal, [never]);
  abort.abort();
  await ended;
});
