/**
 * A health endpoint that checks backends with one long-lived checker.
 *
 * Run it with: deno run --allow-ffi --allow-net=127.0.0.1 examples/server.ts [HOST:PORT ...]
 */

import { Checker } from "@tcp-shaker/tcp-shaker";

const backends = Deno.args.length > 0 ? Deno.args : ["127.0.0.1:5432", "127.0.0.1:6379"];
const stop = new AbortController();
Deno.addSignalListener("SIGTERM", () => stop.abort());

await using checker = await Checker.start({ signal: stop.signal });

const options: Deno.ServeTcpOptions = {
  hostname: "127.0.0.1",
  port: 0,
  signal: stop.signal,
  onListen: ({ port }) => console.log(`Health is at http://127.0.0.1:${port}/`),
};
const server = Deno.serve(options, async () => {
  const results = await Promise.all(backends.map((backend) => checker.checkAddr(backend, { timeout: 500 })));
  const healthy = results.some(({ status }) => status === "up");
  return Response.json(results, { status: healthy ? 200 : 503 });
});

await server.finished;
