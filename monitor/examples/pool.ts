/**
 * The pool of a TCP load balancer: connections go round-robin to the backends that are not down.
 *
 * Run it with: deno run --allow-ffi --allow-net=127.0.0.1 monitor/examples/pool.ts HOST:PORT ...
 */

import { Monitor } from "@tcp-shaker/monitor";

const backends = Deno.args.length > 0 ? Deno.args : ["127.0.0.1:8001", "127.0.0.1:8002"];
await using monitor = await Monitor.start(backends, { interval: 1000, fastInterval: 100, timeout: 500 });
const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
console.log(`Balancing ${backends.length} backends on port ${listener.addr.port}`);
logTransitions();

let turn = 0;
for await (const client of listener) void serve(client);

/** Connects a client to a backend, and reports the outcome to the monitor. */
async function serve(client: Deno.Conn): Promise<void> {
  using _ = client;
  // Unknown backends get connections, too, because their first check may not have ended yet.
  const pool = [...monitor.states()].filter(({ state }) => state === "up" || state === "unknown");
  for (let tries = pool.length; tries > 0; tries--) {
    const { id, target } = pool[turn++ % pool.length];
    const url = new URL(`tcp://${target}`);
    const backend = await Deno.connect({ hostname: url.hostname, port: Number(url.port) }).catch(() => undefined);
    monitor.report(id, backend !== undefined);
    if (backend === undefined) continue;
    const { readable, writable } = backend;
    await Promise.allSettled([client.readable.pipeTo(writable), readable.pipeTo(client.writable)]);
    return;
  }
}

async function logTransitions(): Promise<void> {
  for await (const event of monitor.events()) {
    if (event.type === "transition") console.log(`${event.id} is ${event.to}`);
  }
}
