/** The attempts of the engine "connect" to the addresses of a name. */

import { assertEquals } from "@std/assert";
import { race } from "../../lib/connect/race.ts";
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
    const finish = race(addresses, { start: 0, timeout, sockets: 10 }, new Promise<never>(() => {}));
    blockEventLoop(timeout + 20);
    const { outcome: { status, address } } = await finish;
    assertEquals([status, address?.hostname], ["up", "127.0.0.7"]);
  }
});
