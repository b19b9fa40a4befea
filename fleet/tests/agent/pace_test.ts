/** Pace of reports, by a held clock. */

import { assertEquals } from "@std/assert";
import { HeldClock } from "../../../monitor/tests/support/held_clock.ts";
import { Pace } from "../../lib/agent/pace.ts";

const KB = 1024;

/** Publishes the due slices, with a size in bytes each. */
function publish(pace: Pace, bytes: number): number[] {
  const slices: number[] = [];
  for (let slice = pace.next(); slice !== undefined; slice = pace.next()) {
    pace.published(slice, bytes);
    slices.push(slice);
  }
  return slices;
}

Deno.test("a deferred change waits for 2 s, however many follow, and a prompt one doesn't wait", async () => {
  const clock = new HeldClock();
  const pace = new Pace(clock);
  pace.changed(1, "deferred");
  await clock.pass(1999);
  pace.changed(1, "deferred");
  pace.changed(2, "prompt");
  assertEquals(publish(pace, KB), [2]);
  await clock.pass(1);
  assertEquals(publish(pace, KB), [1]);
  pace.changed(3, "deferred");
  pace.changed(3, "prompt");
  pace.changed(3, "deferred");
  assertEquals(publish(pace, KB), [3]);
});

Deno.test("a slice that turns all the time is published once a second, and its last change too", async () => {
  const clock = new HeldClock();
  const pace = new Pace(clock);
  const published: number[] = [];
  for (let turn = 0; turn < 50; turn++) {
    pace.changed(7, "prompt");
    for (const _ of publish(pace, KB)) published.push(clock.now());
    await clock.pass(50);
  }
  await clock.pass(1000);
  for (const _ of publish(pace, KB)) published.push(clock.now());
  assertEquals(published, [0, 1000, 2000, 3500]);
  await clock.pass(10_000);
  assertEquals(publish(pace, KB), []);
});

Deno.test("deferred changes of all slices are 32 KiB a second after 64 KiB, the oldest first, and all go out", async () => {
  const clock = new HeldClock();
  const pace = new Pace(clock);
  for (let slice = 0; slice < 256; slice++) pace.changed(slice, "deferred");
  await clock.pass(2000);
  const published = publish(pace, 4 * KB);
  assertEquals(published.length, 16);
  // Slices that change again go behind all that wait.
  published.forEach((slice) => pace.changed(slice, "deferred"));
  await clock.pass(1000);
  assertEquals(publish(pace, 4 * KB), [16, 17, 18, 19, 20, 21, 22, 23]);
  for (let second = 0; second < 31; second++) {
    await clock.pass(1000);
    const slices = publish(pace, 4 * KB);
    assertEquals(slices.length, 8);
    published.push(...slices);
  }
  assertEquals(publish(pace, 4 * KB), []);
  assertEquals(new Set(published).size, 256 - 8);
});

Deno.test("deferred changes that wait for bytes don't hold up a prompt one", async () => {
  const clock = new HeldClock();
  const pace = new Pace(clock);
  for (let slice = 0; slice < 256; slice++) pace.changed(slice, "deferred");
  await clock.pass(2000);
  publish(pace, 64 * KB);
  pace.changed(200, "prompt");
  assertEquals(publish(pace, KB), [200]);
});
