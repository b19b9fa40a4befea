/** The plan of a name's connection attempts: `Stagger` of the engine "connect". */

import { assertEquals } from "@std/assert";
import { type Outcome, Probe } from "../../lib/connect/probe.ts";
import { Semaphore } from "../../lib/connect/semaphore.ts";
import { Stagger } from "../../lib/connect/stagger.ts";
import { blockEventLoop } from "../support/block.ts";
import { SilentPort } from "../support/silence.ts";

/** When each of so many silent addresses gets its SYN, in ms, where the event loop runs at these times only. */
function starts(timeout: number, addresses: number, awake = Array.from({ length: timeout }, (_, ms) => ms)): number[] {
  const stagger = new Stagger(timeout);
  const starts = [0];
  assertEquals(stagger.start(0, addresses - 1), 0);
  for (const ms of awake) {
    while (stagger.next !== undefined && stagger.next <= ms) {
      const left = addresses - starts.length;
      const answerTime = stagger.fallDue(left);
      assertEquals(stagger.start(ms, left - 1), answerTime);
      starts.push(ms);
    }
  }
  return starts;
}

Deno.test("each address of a name gets its SYN with time left to answer", () => {
  assertEquals(starts(1000, 2), [0, 250]);
  assertEquals(starts(100, 2), [0, 50]);
  assertEquals(starts(900, 6), [0, 150, 300, 450, 600, 750]);
  assertEquals(starts(60, 6), [0, 10, 20, 30, 40, 50]);
  assertEquals(starts(30, 1000), [0, 10, 20]);
});

Deno.test("attempts that are overdue start together, and no other attempt does", () => {
  assertEquals(starts(60, 6, [13, 27, 36, 49, 59]), [0, 13, 27, 36, 49, 59]);
  assertEquals(starts(60, 6, [31, 41, 58]), [0, 31, 31, 31, 41, 58]);
  assertEquals(starts(60, 6, [500]), [0, 500, 500, 500, 500, 500]);
  assertEquals(starts(30, 1000, [500]), [0, 500, 500]);
});

Deno.test("an attempt that follows no timer counts from its start", () => {
  const stagger = new Stagger(60);
  stagger.start(0, 5);
  assertEquals(stagger.start(5, 4), 0);
  assertEquals(stagger.next, 16);
  stagger.fallDue(4);
  stagger.restart();
  assertEquals(stagger.start(20, 3), 0);
  assertEquals(stagger.next, 30);
});

Deno.test("each address of a name is tried although the event loop is busy past the deadline", async () => {
  using live = Deno.listen({ hostname: "127.0.0.7", port: 0 });
  const { port } = live.addr;
  const hosts = [2, 3, 4, 5, 6].map((last) => `127.0.0.${last}`);
  using stack = new DisposableStack();
  for (const host of hosts) stack.use(await SilentPort.open(host, port));
  const addresses = [...hosts, "127.0.0.7"].map((hostname) => ({ hostname, port, family: 4 } as const));
  for (const timeout of [60, 80, 100]) {
    const outcome = Promise.withResolvers<Outcome>();
    new Probe(addresses.slice(), { timeout, used: 0 }, new Semaphore(10), {
      found: outcome.resolve,
      failed: outcome.reject,
    });
    blockEventLoop(timeout + 20);
    const { status, address } = await outcome.promise as Extract<Outcome, { status: "up" }>;
    assertEquals([status, address.hostname], ["up", "127.0.0.7"]);
  }
});
