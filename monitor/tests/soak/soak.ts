/** The soak, in the network namespace of main.ts: `soak.ts SECONDS SEED`. */

import { deepStrictEqual as assertEquals, ok as assert } from "node:assert/strict";
import type { CheckDefaults, CheckReceiver, HostPort } from "@tcp-shaker/tcp-shaker";
import { SYSTEM_CLOCK } from "../../lib/clock.ts";
import { type Prober, SupervisedChecker, type TargetCheck } from "../../lib/supervised_checker.ts";
import { Monitor, type MonitorTarget } from "../../mod.ts";
import { Random } from "../support/random.ts";
import { countsOf, line, Model } from "./model.ts";

const [seconds, seed] = Deno.args.map(Number);
const INTERVAL = 100;
const TIMEOUT = 50;
const HOSTS = 300;
/** Time between two batches of actions in ms, and the number of actions of a batch. */
const BATCH = { every: 20, actions: 3 };
/** Growth of the heap in bytes that is no leak. */
const TOLERATED = 4 * 2 ** 20;

const random = new Random(seed);
const { gc } = globalThis as unknown as { gc: () => void };
const addresses = Array.from({ length: HOSTS }, (_, i) => `127.1.${i >> 8}.${i & 255}`);
const listeners = new Map<string, Deno.Listener>();
/** The current targets, by address. */
const models = new Map<string, Model>();
/** Events by address: of the model, and of the monitor. */
const expected = new Map<string, string[]>(addresses.map((address) => [address, []]));
const reported = new Map<string, string[]>(addresses.map((address) => [address, []]));
const totals: Record<string, number> = {};

/** Passes each result to the models before the monitor gets it. */
class Recorder implements Prober {
  readonly #prober: Prober;

  constructor(prober: Prober) {
    this.#prober = prober;
  }

  prepare(endpoint: HostPort, options: CheckDefaults): TargetCheck {
    const check = this.#prober.prepare(endpoint, options);
    const start = (receiver: CheckReceiver) => {
      const model = models.get(endpoint.hostname)!;
      const { epoch } = model;
      assert(!model.inMaintenance, `${endpoint.hostname} is checked in maintenance`);
      assertEquals(++model.inFlight, 1, `two checks of ${endpoint.hostname} are in flight`);
      check.start({
        settle: (result) => {
          model.inFlight--;
          model.finish(result, options.timeout!, epoch);
          receiver.settle(result);
        },
        fail: (reason) => {
          model.inFlight--;
          receiver.fail(reason);
        },
      });
    };
    return { start, cancel: (reason) => check.cancel(reason) };
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#prober[Symbol.asyncDispose]();
  }
}

console.error(`A soak of the monitor of ${seconds} s with the seed ${seed}`);
const prober = new Recorder(await SupervisedChecker.start({ fallback: "error" }, SYSTEM_CLOCK));
const monitor = await Monitor.start([], { interval: INTERVAL, timeout: TIMEOUT }, { prober });
let sequence = 0;
const read = (async () => {
  for await (const event of monitor.events()) {
    assert("sequence" in event && event.sequence === ++sequence, `${JSON.stringify(event)} after ${sequence}`);
    totals[event.type] = (totals[event.type] ?? 0) + 1;
    if ("id" in event) reported.get(event.id)!.push(line(event));
  }
})();

const start = performance.now();
let heap: number | undefined;
for (let batch = 0; performance.now() - start < seconds * 1000; batch++) {
  for (let i = 0; i < BATCH.actions; i++) act(random.pick(addresses));
  await pause(BATCH.every);
  if (batch % 50 === 49) compare();
  // After a tenth of the time, one-time compilation and allocation are over.
  if (performance.now() - start > seconds * 100) heap ??= usedHeap();
}
const grown = usedHeap() - heap!;

// Without maintenance the state of each remaining target must match its port.
for (const address of models.keys()) maintain(address, false);
await pause(20 * INTERVAL);
compare();
for (const [address, model] of models) {
  assertEquals(model.state, listeners.has(address) ? "up" : "down", address);
}
await monitor[Symbol.asyncDispose]();
await read;
for (const listener of listeners.values()) listener.close();
assert(grown < TOLERATED, `the heap has grown by ${grown} bytes`);
assert(totals.transition > 0 && totals.maintenance > 0, JSON.stringify(totals));
console.log(`${monitor.statistics().checks} checks, events: ${JSON.stringify(totals)}, heap: ${grown} bytes more`);
console.log("ok");

/** Performs a random action on a target or its port. */
function act(address: string): void {
  const model = models.get(address);
  const action = random.share();
  if (action < 0.3) return toggle(address);
  if (action < 0.303) return set();
  if (model === undefined) return add(address);
  if (action < 0.36) return remove(address);
  if (action < 0.45) return maintain(address, random.share() < 0.4);
  const ok = random.share() < 0.1;
  for (let times = random.integer(1, 12); times > 0; times--) {
    assert(monitor.report(address, ok));
    model.report(ok);
  }
}

function toggle(address: string): void {
  const listener = listeners.get(address);
  listener?.close();
  if (listener === undefined) listeners.set(address, Deno.listen({ hostname: address, port: 1 }));
  else listeners.delete(address);
}

function target(address: string): MonitorTarget {
  return {
    target: `${address}:1`,
    id: address,
    group: random.pick(["", "a", "b"]),
    labels: { n: `${random.share()}` },
  };
}

function add(address: string): void {
  // The check of the removed target may still be in flight.
  begin(address);
  assertEquals(monitor.add(target(address)), address);
}

function begin(address: string): void {
  expected.get(address)!.push("added");
  models.set(address, new Model(expected.get(address)!));
}

function remove(address: string): void {
  end(address);
  assert(monitor.remove(address));
}

function end(address: string): void {
  models.get(address)!.epoch++;
  models.delete(address);
  expected.get(address)!.push("removed");
}

/** Replaces the targets: most stay, in another group, and some are added. */
function set(): void {
  const wanted = addresses.filter((address) => random.share() < (models.has(address) ? 0.9 : 0.1));
  for (const address of [...models.keys()]) if (!wanted.includes(address)) end(address);
  for (const address of wanted) if (!models.has(address)) begin(address);
  monitor.set(wanted.map(target));
}

function maintain(address: string, on: boolean): void {
  models.get(address)!.maintain(on);
  assert(monitor.setMaintenance(address, on, { reason: "soak" }));
}

/** Compares the monitor with the models. It has reported all events by then, because this runs in a task of its own. */
function compare(): void {
  for (const address of addresses) {
    assertEquals(reported.get(address), expected.get(address), `events of ${address}`);
    reported.get(address)!.length = expected.get(address)!.length = 0;
    const state = monitor.get(address);
    const model = models.get(address);
    assertEquals(state?.state, model?.state, address);
    if (state !== undefined && model !== undefined) assertEquals(countsOf(state), model.counts, address);
  }
}

function usedHeap(): number {
  gc();
  return Deno.memoryUsage().heapUsed;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
