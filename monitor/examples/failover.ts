/**
 * Failover of a database. The primary is the first database of a list that is up. It changes only when it is down, not
 * when an earlier database comes back. Several processes like this one would need consensus.
 *
 * Run it with: deno run --allow-ffi monitor/examples/failover.ts HOST:PORT HOST:PORT ...
 */

import { Monitor } from "@tcp-shaker/monitor";

const databases = Deno.args.length > 0 ? Deno.args : ["127.0.0.1:5432", "127.0.0.1:5433"];
await using monitor = await Monitor.start(databases, { interval: 1000, fastInterval: 200, timeout: 200, fall: 3 });

let primary: string | undefined;
for await (const event of monitor.events()) {
  if (event.type !== "transition") continue;
  console.log(`${event.id} is ${event.to}`);
  if (primary !== undefined && monitor.get(primary)?.state !== "down") continue;
  const states = [...monitor.states()];
  // Waits for all first verdicts, because they arrive in any order.
  if (primary === undefined && states.some(({ state }) => state === "unknown")) continue;
  const next = states.find(({ state }) => state === "up");
  if (next === undefined) continue;
  console.log(primary === undefined ? `${next.id} is the primary` : `${next.id} takes over from ${primary}`);
  primary = next.id;
}
