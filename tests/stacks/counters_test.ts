/** The server's counters and tables after checks, as listed in docs/faq.md: every counter that changed. */

import { assertEquals } from "@std/assert";
import { type Counters, difference } from "../support/counters.ts";
import { proves } from "../support/evidence.ts";
import { synsOf, tally } from "../support/outcome.ts";
import { SERVERS, testbedTest } from "../support/testbed.ts";

const CHECKS = 1000;
/** Sizes of the queues for the SYNs of all checks, so that the server sends no cookies. */
const BACKLOG = 4096;

interface Port {
  state: "open" | "closed";
  outcome: string;
  /** Every counter of TCP that changes. */
  counters: Counters;
  /** The sockets afterwards, by `ss`: state, and length of the accept queue. */
  sockets: string[];
}

const PORTS: Port[] = [
  {
    state: "open",
    outcome: "up",
    counters: {
      "Tcp.AttemptFails": CHECKS,
      "Tcp.InSegs": 2 * CHECKS,
      "Tcp.OutSegs": CHECKS,
      "TcpExt.EmbryonicRsts": CHECKS,
    },
    sockets: ["LISTEN 0"],
  },
  {
    state: "closed",
    outcome: "refused ECONNREFUSED",
    counters: { "Tcp.InSegs": CHECKS, "Tcp.OutRsts": CHECKS, "Tcp.OutSegs": CHECKS },
    sockets: [],
  },
];

for (const hostname of SERVERS) {
  for (const { state, outcome, counters, sockets } of PORTS) {
    testbedTest(
      `the counters of a server whose port is ${state}, at ${hostname}`,
      {},
      async ({ client, server }, t) => {
        if (state === "open") await server.call("listen", hostname, 80, BACKLOG);
        const before = await server.call("counters");
        const results = await client.call("check", [{ hostname, port: 80 }], 5000, CHECKS);
        const left = await server.sh("ss --all --tcp --numeric --no-header");
        assertEquals(tally(results), { [`${hostname} ${outcome}`]: CHECKS });
        assertEquals(synsOf(results), CHECKS);
        assertEquals(difference(before, await server.call("counters")), counters);
        assertEquals(left.split("\n").filter(Boolean).map((line) => line.split(/ +/).slice(0, 2).join(" ")), sockets);
        const counted = Object.entries(counters).map(([name, change]) => `${name} ${change}`).join(", ");
        proves(
          t,
          "nothingLeft",
          `${CHECKS} checks of a port that is ${state}: ${counted}, and no other counter of TCP`,
        );
      },
    );
  }
}
