/** Few descriptors and few local ports: checks wait instead of failing. */

import { assert, assertEquals } from "@std/assert";
import type { Input, Output } from "../scripts/check.ts";
import { proves } from "../support/evidence.ts";
import { engineTest } from "../support/engines.ts";
import { OpenPort } from "../support/listener.ts";
import { namespaceTest, runInNamespace, WIRE } from "../support/namespace.ts";
import { runScript } from "../support/script.ts";
import { SilentPort } from "../support/silence.ts";

/** Sets the soft and the hard limit, so that the soft limit can't be raised. Deno has about 25 open descriptors. */
const FEW_FILES = "ulimit -n 64";
const FEW_PORTS = "echo 5000 5009 >/proc/sys/net/ipv4/ip_local_port_range";

engineTest("2,000 checks at once are all up with 64 descriptors", async (engine, t) => {
  using open = new OpenPort();
  const { results: [results] } = await check({ engine: engine.name, checks: [{ target: open.target, times: 2000 }] });
  assertEquals(countStatuses(results), { up: 2000 });
  proves(t, "scarcity", `${results.length} checks at once up, with a limit of 64 descriptors`);
});

engineTest("a timeout does not count time in the queue", async (engine, t) => {
  using open = new OpenPort();
  using silent = await SilentPort.open();
  // More checks than descriptors, before checks whose timeout is shorter than the time of the first ones.
  const { results: [timeouts, ups] } = await check({
    engine: engine.name,
    checks: [
      { target: silent.target, options: { timeout: 300 }, times: 128 },
      { target: open.target, options: { timeout: 200 }, times: 100 },
    ],
  });
  assertEquals(countStatuses(timeouts), { timeout: 128 });
  for (const { duration } of timeouts) assert(duration >= 300);
  assertEquals(countStatuses(ups), { up: 100 });
  proves(t, "deadlines", `${ups.length} checks with 200 ms each up, behind ${timeouts.length} that took 300 ms`);
});

// Only half-open checks, because a full connect leaves its port in TIME_WAIT.

namespaceTest("500 checks at once of one target are all up with 10 local ports", async (t) => {
  const { results: [results] } = await runInNamespace<Output>("check.ts", {
    open: [{ hostname: "127.0.0.1", port: 80 }],
    checks: [{ target: "127.0.0.1:80", times: 500 }],
  }, { setup: FEW_PORTS });
  assertEquals(countStatuses(results), { up: 500 });
  proves(t, "scarcity", `${results.length} checks at once up, with 10 local ports`);
});

namespaceTest(
  "checks that hold all local ports delay only further checks of the same target, until a port is free",
  async (t) => {
    const { results: [first, next, other], counters } = await runInNamespace<Output>("check.ts", {
      open: [{ hostname: "127.0.0.1", port: 80 }],
      checks: [
        { target: "192.0.2.9:80", times: 10, options: { timeout: 300 } },
        { target: "192.0.2.9:80", times: 10, options: { timeout: 1000 } },
        // The timeout is shorter than the time for which the first checks hold their ports.
        { target: "127.0.0.1:80", times: 500, options: { timeout: 200 } },
      ],
    }, { setup: `${WIRE}${FEW_PORTS}` });
    assertEquals(countStatuses(first), { timeout: 10 });
    assertEquals(countStatuses(next), { timeout: 10 });
    for (const { duration } of next) assert(duration >= 1000);
    assertEquals(countStatuses(other), { up: 500 });
    // Each check sent a SYN.
    const syns = counters["Tcp.ActiveOpens"];
    assertEquals(syns, 520);
    proves(t, "scarcity", `${syns} checks probed with 10 local ports; ${other.length} of another target up meanwhile`);
  },
);

namespaceTest("checks that hold all descriptors still send their second SYN from a new socket", async (t) => {
  // More checks than descriptors: later checks wait for the sockets of these.
  const { results: [results], counters } = await runInNamespace<Output>("check.ts", {
    checks: [{ target: "192.0.2.9:80", options: { timeout: 1300 }, times: 50 }],
  }, { setup: `${WIRE}${FEW_FILES}` });
  assertEquals(countStatuses(results), { timeout: 50 });
  assertEquals(counters["Tcp.ActiveOpens"], 100);
  proves(t, "scarcity", "50 checks with a limit of 64 descriptors: each sent its second SYN from a second socket");
});

function check(input: Input): Promise<Output> {
  return runScript<Output>("check.ts", input, FEW_FILES);
}

function countStatuses(results: Output["results"][number]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of results) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
