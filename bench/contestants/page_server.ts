/** A monitor with its status page, and checks that take no CPU time: `page_server.ts TARGETS`. It prints its port. */

import type { CheckResult, HostPort } from "@tcp-shaker/tcp-shaker";
import { type AgentView, startServer } from "../../monitor/lib/serve/mod.ts";
import { Monitor } from "../../monitor/mod.ts";

const [targets] = Deno.args.map(Number);

const monitor = await Monitor.start(
  Array.from({ length: targets }, (_, i) => ({ target: `198.18.${i >> 8}.${i & 255}:80`, group: `rack-${i % 40}` })),
  // One check of each target before the measurement.
  { interval: 3_600_000, fastInterval: 100, rise: 1, fall: 1 },
  {
    prober: {
      prepare: (endpoint: HostPort) => ({
        start: (receiver) => receiver.settle(resultOf(endpoint)),
        cancel: () => {},
      }),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    },
  },
);
while ([...monitor.states()].some(({ state }) => state === "unknown")) {
  await new Promise((resolve) => setTimeout(resolve, 50));
}
const reloadStatus = { isSuccessful: true, succeededAt: 0, problems: [] };
const view: AgentView = {
  monitor,
  configuration: { monitor: {}, targets: [], groups: {}, lists: [], serve: { listen: "127.0.0.1:0" }, sinks: [] },
  reloadStatus,
  lists: () => [],
  sinks: () => [],
  reload: () => Promise.resolve(reloadStatus),
};
const server = await startServer(view);
console.log(server.address.port);
// A transition per second.
let isDown = false;
setInterval(() => {
  isDown = !isDown;
  monitor.setMaintenance("198.18.1.1:80", isDown);
}, 1000);

function resultOf({ hostname, port }: HostPort): CheckResult {
  const base = {
    target: `${hostname}:${port}`,
    mode: "half-open",
    engine: "socket",
    dnsTime: 0,
    duration: 0.5,
  } as const;
  const address = { hostname, port, family: 4 } as const;
  return hostname.endsWith(".7")
    ? { ...base, address, status: "refused", code: "ECONNREFUSED", errno: 111 }
    : { ...base, address, status: "up", rtt: 0.4, retransmits: 0 };
}
