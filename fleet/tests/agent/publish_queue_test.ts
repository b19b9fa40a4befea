/** Publish queue of slices, by a held clock. */

import { assertEquals } from "@std/assert";
import { HeldClock } from "../../../monitor/tests/support/held_clock.ts";
import { PublishQueue } from "../../lib/agent/publish_queue.ts";

const KB = 1024;

/** Publishes the due slices, with a size in bytes each. */
function publish(queue: PublishQueue, bytes: number): number[] {
  const slices: number[] = [];
  for (let slice = queue.next(); slice !== undefined; slice = queue.next()) {
    queue.markPublished(slice, bytes);
    slices.push(slice);
  }
  return slices;
}

Deno.test("a deferred change waits for 2 s, however many follow, and a prompt one doesn't wait", async () => {
  const clock = new HeldClock();
  const queue = new PublishQueue(clock);
  queue.markChanged(1, "deferred");
  await clock.pass(1999);
  queue.markChanged(1, "deferred");
  queue.markChanged(2, "prompt");
  assertEquals(publish(queue, KB), [2]);
  await clock.pass(1);
  assertEquals(publish(queue, KB), [1]);
  queue.markChanged(3, "deferred");
  queue.markChanged(3, "prompt");
  queue.markChanged(3, "deferred");
  assertEquals(publish(queue, KB), [3]);
});

Deno.test("a slice that changes continuously is published once per second, including its last change", async () => {
  const clock = new HeldClock();
  const queue = new PublishQueue(clock);
  const published: number[] = [];
  for (let round = 0; round < 50; round++) {
    queue.markChanged(7, "prompt");
    for (const _ of publish(queue, KB)) published.push(clock.now());
    await clock.pass(50);
  }
  await clock.pass(1000);
  for (const _ of publish(queue, KB)) published.push(clock.now());
  assertEquals(published, [0, 1000, 2000, 3500]);
  await clock.pass(10_000);
  assertEquals(publish(queue, KB), []);
});

Deno.test("deferred changes of all slices are limited to 32 KiB per second after 64 KiB, the oldest first, and all are published", async () => {
  const clock = new HeldClock();
  const queue = new PublishQueue(clock);
  for (let slice = 0; slice < 256; slice++) queue.markChanged(slice, "deferred");
  await clock.pass(2000);
  const published = publish(queue, 4 * KB);
  assertEquals(published.length, 16);
  // A slice that changes again moves to the end of the queue.
  published.forEach((slice) => queue.markChanged(slice, "deferred"));
  await clock.pass(1000);
  assertEquals(publish(queue, 4 * KB), [16, 17, 18, 19, 20, 21, 22, 23]);
  for (let second = 0; second < 31; second++) {
    await clock.pass(1000);
    const slices = publish(queue, 4 * KB);
    assertEquals(slices.length, 8);
    published.push(...slices);
  }
  assertEquals(publish(queue, 4 * KB), []);
  assertEquals(new Set(published).size, 256 - 8);
});

Deno.test("deferred changes that wait for bytes don't delay a prompt one", async () => {
  const clock = new HeldClock();
  const queue = new PublishQueue(clock);
  for (let slice = 0; slice < 256; slice++) queue.markChanged(slice, "deferred");
  await clock.pass(2000);
  publish(queue, 64 * KB);
  queue.markChanged(200, "prompt");
  assertEquals(publish(queue, KB), [200]);
});

Deno.test("1 MiB per second is divided among the agents; one has 256 KiB at most, and 32 or 128 at least", async () => {
  for (const [urgency, expected] of [["deferred", [64, 32, 16, 8]], ["prompt", [64, 32, 32, 32]]] as const) {
    const clock = new HeldClock();
    const queue = new PublishQueue(clock);
    for (let slice = 0; slice < 256; slice++) queue.markChanged(slice, urgency);
    await clock.pass(2000);
    publish(queue, 4 * KB);
    const published: number[] = [];
    for (const agents of [1, 8, 16, 1000]) {
      queue.setAgents(agents);
      let slices = 0;
      // In steps, because the burst is less than the rate of one second.
      for (let step = 0; step < 8; step++) {
        await clock.pass(125);
        slices += publish(queue, 4 * KB).length;
      }
      published.push(slices);
    }
    assertEquals(published, [...expected]);
  }
});

Deno.test("an unchanged slice is published again after a day, unless it was never published", async () => {
  const clock = new HeldClock();
  const queue = new PublishQueue(clock);
  const day = 86_400_000;
  const published: number[] = [];
  queue.markChanged(7, "prompt");
  for (let hour = 0; hour < 24 * 40; hour++) {
    queue.markStale();
    for (const slice of publish(queue, KB)) {
      assertEquals(slice, 7);
      published.push(clock.now());
    }
    await clock.pass(day / 24);
  }
  assertEquals(published.length, 39);
  assertEquals(published.every((at, i) => i === 0 || at - published[i - 1] <= day * 25 / 24), true);
});
