/** Half of 100,000 targets go down together. The clock is manual, so that the test takes seconds instead of minutes. */

import { assert, assertEquals } from "@std/assert";
import type { CheckReceiver, CheckResult, HostPort } from "@tcp-shaker/tcp-shaker";
import { Monitor, type MonitorEvent } from "../mod.ts";
import { HeldClock } from "./support/held_clock.ts";

const TARGETS = 100_000;
const INTERVAL = 10_000;
const QUEUE = 10_000;

/** A target's checks: the last one, and the longest time between two. */
interface Gap {
  last: number;
  longest: number;
}

Deno.test("a mass outage is one storm, delays no check, and fills only the queue of a sleeping reader", async () => {
  const clock = new HeldClock();
  const gaps = Array.from({ length: TARGETS }, (): Gap => ({ last: NaN, longest: 0 }));
  let outage = false;
  const base = { mode: "half-open", engine: "socket", dnsTime: 0, duration: 1 };
  const up = { ...base, status: "up", rtt: 0.1, retransmits: 0 } as unknown as CheckResult;
  const refused = { ...base, status: "refused", code: "ECONNREFUSED", errno: 111 } as unknown as CheckResult;
  const prober = {
    prepare({ port, hostname }: HostPort) {
      const i = 65_536 * Number(hostname.slice(-1)) + port - 1;
      const gap = gaps[i];
      const start = (receiver: CheckReceiver) => {
        const now = clock.now();
        if (now - gap.last > gap.longest) gap.longest = now - gap.last;
        gap.last = now;
        queueMicrotask(() => receiver.settle(outage && i % 2 === 0 ? refused : up));
      };
      return { start, cancel: () => {} };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  // Port 65536 does not exist, and is left out.
  const all = Array.from({ length: TARGETS }, (_, i) => i).filter((i) => i % 65_536 !== 65_535);
  const targets = all.map((i) => `192.0.2.${Math.floor(i / 65_536)}:${i % 65_536 + 1}`);
  await using monitor = await Monitor.start(targets, { interval: INTERVAL }, { clock, prober });
  const counts: Record<string, number> = {};
  const storms: MonitorEvent[] = [];
  const read = (async () => {
    for await (const event of monitor.events()) {
      counts[event.type] = (counts[event.type] ?? 0) + 1;
      if (event.type === "storm") storms.push(event);
    }
  })();
  /** In steps of a second: the reader has all events of one step before the next. */
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      await clock.pass(1000);
      await new Promise((resolve) => setTimeout(resolve));
    }
  };
  await pass(11);
  assertEquals(counts, { transition: targets.length });
  const sleeper = monitor.events();
  outage = true;
  await pass(100);
  const down = all.filter((i) => i % 2 === 0).length;
  assertEquals(counts, { transition: targets.length + down, storm: 2 });
  const [begin, end] = storms;
  assert(begin.type === "storm" && begin.active && begin.count >= 0.3 * targets.length, JSON.stringify(begin));
  assert(end.type === "storm" && !end.active && end.count === down, JSON.stringify(end));
  const { skipped, lateness, dropped } = monitor.statistics();
  assertEquals([skipped, dropped], [0, down + 2 - QUEUE]);
  assert(lateness.max < 50, `${lateness.max} ms late`);
  const longest = Math.max(...all.map((i) => gaps[i].longest).filter((_, i) => i % 100 === 0));
  assert(longest <= 2 * INTERVAL, `${longest} ms between two checks`);
  const lost = (await sleeper.next()).value as MonitorEvent;
  assert(lost.type === "lost" && lost.count === dropped, JSON.stringify(lost));
  await monitor[Symbol.asyncDispose]();
  let left = 0;
  for await (const _ of sleeper) left++;
  assertEquals(left, QUEUE);
  await read;
});
