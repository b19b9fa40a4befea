/**
 * A server with `/healthz`, for the probe of a load balancer or of Kubernetes. It answers from memory, so that a probe
 * never waits for a check.
 *
 * Run it with: deno run --allow-ffi --allow-net=127.0.0.1 monitor/examples/healthz.ts HOST:PORT ...
 */

import { Monitor } from "@tcp-shaker/monitor";

const dependencies = Deno.args.length > 0 ? Deno.args : ["127.0.0.1:5432", "127.0.0.1:6379"];
const stop = new AbortController();
Deno.addSignalListener("SIGTERM", () => stop.abort());

await using monitor = await Monitor.start(dependencies, { interval: 1000, fastInterval: 200, signal: stop.signal });

const options: Deno.ServeTcpOptions = {
  hostname: "127.0.0.1",
  port: 0,
  signal: stop.signal,
  onListen: ({ port }) => console.log(`Health is at http://127.0.0.1:${port}/healthz`),
};
const server = Deno.serve(options, (request) => {
  if (new URL(request.url).pathname !== "/healthz") return new Response("Not found\n", { status: 404 });
  const states = [...monitor.states()].map(({ id, state, since }) => ({ id, state, since }));
  // Only the state down fails the probe. A target is unknown at the start, and in maintenance on purpose.
  return Response.json(states, { status: states.some(({ state }) => state === "down") ? 503 : 200 });
});

await server.finished;
