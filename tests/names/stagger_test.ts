/** The attempts at the addresses of a name, by the engine "connect". */

import { assertEquals } from "@std/assert";
import { type Outcome, Probe } from "../../lib/connect/probe.ts";
import { Semaphore } from "../../lib/connect/semaphore.ts";
import { blockEventLoop } from "../support/block.ts";
import { SilentPort } from "../support/silence.ts";

Deno.test("each address of a name is tried although the event loop is busy past the deadline", async () => {
  using live = Deno.listen({ hostname: "127.0.0.7", port: 0 });
  const { port } = live.addr;
  const hosts = [2, 3, 4, 5, 6].map((last) => `127.0.0.${last}`);
  using stack = new DisposableStack();
  for (const host of hosts) stack.use(await SilentPort.open(host, port));
  const addresses = [...hosts, "127.0.0.7"].map((hostname) => ({ hostname, port, family: 4 } as const));
  for (const timeout of [60, 80, 100]) {
    const outcome = new Probe(
      addresses,
      { timeout, used: 0, queueTimeout: Infinity, waited: 0 },
      new AbortController(),
    ).run(new Semaphore(10));
    blockEventLoop(timeout + 20);
    const { status, address } = await outcome as Extract<Outcome, { status: "up" }>;
    assertEquals([status, address.hostname], ["up", "127.0.0.7"]);
  }
});
