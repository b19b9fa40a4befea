/** Leases, on a real server. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import type { Clock } from "@tcp-shaker/monitor";
import { HUBS_BUCKET, NOTIFIER_KEY } from "../../lib/protocol/subjects.ts";
import { Lease, type LeaseOptions } from "../../lib/session/lease.ts";
import { HeldClock } from "../../../monitor/tests/support/held_clock.ts";
import { TestFleet } from "../support/fleet.ts";
import { natsTest } from "../support/nats_server.ts";

const { signal } = new AbortController();
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Manual clock that a test advances from timer to timer. */
class SteppedClock implements Clock {
  #now = 0;
  #next: () => void = () => {};
  #set = Promise.withResolvers<void>();

  now(): number {
    return this.#now;
  }

  date(): number {
    return this.#now;
  }

  at(time: number, callback: () => void): () => void {
    this.#next = () => {
      this.#now = time;
      callback();
    };
    this.#set.resolve();
    return () => {};
  }

  /** Resolves when a timer is set. */
  get timer(): Promise<void> {
    return this.#set.promise;
  }

  /** Advances to the timer. */
  step(): void {
    this.#set = Promise.withResolvers();
    this.#next();
  }
}

/** The lease of one process: its value is the name of the process, or `-` for none. */
async function optionsOf(fleet: TestFleet, process: string, more: Partial<LeaseOptions> = {}): Promise<LeaseOptions> {
  return {
    ...await fleet.jetstream(),
    bucket: HUBS_BUCKET,
    key: NOTIFIER_KEY,
    duration: 1000,
    value: () => encoder.encode(process),
    released: () => encoder.encode("-"),
    durationOf: (value) => ["-", process].includes(decoder.decode(value)) ? 0 : 1000,
    ...more,
  };
}

natsTest("a lease has one holder, and the next process acquires it as soon as it is released", async () => {
  await using fleet = await TestFleet.start();
  const first = await Lease.take(await optionsOf(fleet, "first"), signal);
  const { promise: waits, resolve } = Promise.withResolvers<void>();
  const waiting = Lease.take(await optionsOf(fleet, "second", { onWait: () => resolve() }), signal);
  await waits;
  await first.renew();
  await first.release();
  assertEquals(first.isHeld, false);
  const second = await waiting;
  assert(second.isHeld);
});

natsTest("the next process acquires an expired lease, and the first can no longer renew it", async () => {
  await using fleet = await TestFleet.start();
  // The clock of a suspended process.
  const clock = new HeldClock();
  const first = await Lease.take(await optionsOf(fleet, "first", { clock }), signal);
  await Lease.take(await optionsOf(fleet, "second"), signal);
  assert(first.isHeld);
  await assertRejects(() => first.renew(), Error, "Another process has acquired the lease of notifier");
  assertEquals(first.isHeld, false);
});

natsTest("a process that waits for a lease is notified once whether it is renewed", async () => {
  await using fleet = await TestFleet.start();
  const first = await Lease.take(await optionsOf(fleet, "first"), signal);
  const clock = new SteppedClock();
  const waits: boolean[] = [];
  const options = await optionsOf(fleet, "second", { clock, onWait: (isRenewed) => waits.push(isRenewed) });
  const waiting = Lease.take(options, signal).then(() => "taken");
  await clock.timer;
  clock.step();
  await clock.timer;
  assertEquals(waits, [false]);
  for (let renewal = 0; renewal < 2; renewal++) {
    await first.renew();
    clock.step();
    await clock.timer;
  }
  assertEquals(waits, [false, true]);
  while (await Promise.race([waiting, clock.timer]) !== "taken") clock.step();
  assertEquals(waits, [false, true]);
});

natsTest("a lease whose owner was killed is never taken for another process's", async () => {
  await using fleet = await TestFleet.start();
  await Lease.take(await optionsOf(fleet, "first"), signal);
  const waits: boolean[] = [];
  await Lease.take(await optionsOf(fleet, "second", { onWait: (isRenewed) => waits.push(isRenewed) }), signal);
  assertEquals(waits, [false]);
});

natsTest("the next process acquires a lease at most a quarter of its duration late", async () => {
  await using fleet = await TestFleet.start();
  const first = await Lease.take(await optionsOf(fleet, "first"), signal);
  const clock = new SteppedClock();
  const waiting = Lease.take(await optionsOf(fleet, "second", { clock }), signal).then(() => "taken");
  await clock.timer;
  // Right after the waiting process has read the lease.
  await first.renew();
  while (await Promise.race([waiting, clock.timer]) !== "taken") clock.step();
  assert(clock.now() >= 1000 && clock.now() <= 1250, `${clock.now()} ms`);
});

natsTest("a process that was paused for too long detects that its lease has expired, and writes nothing", async () => {
  await using fleet = await TestFleet.start();
  const clock = new HeldClock();
  const lease = await Lease.take(await optionsOf(fleet, "first", { clock }), signal);
  await clock.pass(1001);
  const { message } = await assertRejects(() => lease.renew(), Error);
  assertMatch(message, /expired/);
  await lease.release();
  const { manager } = await fleet.jetstream();
  assertEquals((await manager.streams.info(`KV_${HUBS_BUCKET}`)).state.last_seq, lease.revision);
});

natsTest("a lease survives a renewal whose acknowledgment was lost", async () => {
  await using fleet = await TestFleet.start();
  const options = await optionsOf(fleet, "first");
  const lease = await Lease.take(options, signal);
  // Stored by the server, but not acknowledged to the process.
  await options.jetstream.publish(`$KV.${HUBS_BUCKET}.${NOTIFIER_KEY}`, "first");
  await lease.renew();
  await lease.renew();
  assert(lease.isHeld);
});

natsTest("a restarted process has its lease at once", async () => {
  await using fleet = await TestFleet.start();
  await Lease.take(await optionsOf(fleet, "first"), signal);
  const again = await Lease.take(await optionsOf(fleet, "first", { onWait: () => assert(false) }), signal);
  assert(again.isHeld);
});
