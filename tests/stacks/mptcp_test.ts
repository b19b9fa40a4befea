/** Checks of a listener that accepts Multipath TCP. */

import { assert } from "@std/assert";
import { proves } from "../support/evidence.ts";
import { assertHalfHandshakes } from "../support/half_handshakes.ts";
import { hasMptcp } from "../support/mptcp.ts";
import { testbedTest } from "../support/testbed.ts";

const CHECKS = 1000;
const COUNT_MPTCP = `
  nft -f - <<'RULES'
  table inet rules {
    counter mptcp { }
    chain in {
      type filter hook input priority filter
      tcp option mptcp exists counter name mptcp
    }
  }
RULES
`;

for (const [all, hostname] of [["0.0.0.0", "192.0.2.2"], ["::", "2001:db8::2"]] as const) {
  const title = `a port of Multipath TCP, at ${hostname}, is up by plain TCP, and notices nothing`;
  testbedTest(
    title,
    { server: COUNT_MPTCP, whyNot: hasMptcp() ? undefined : "this kernel has no Multipath TCP" },
    async (testbed, t) => {
      const { client, server } = testbed;
      await server.call("listenMptcp", all, 80);
      const results = await client.call("check", [{ hostname, port: 80 }], 5000, CHECKS);
      // The counter of Multipath TCP's option stays at 0.
      await assertHalfHandshakes(testbed, results, { [`${hostname} up`]: CHECKS });
      // The connection of countAccepted() used Multipath TCP, so the rule would have matched.
      assert((await testbed.wire()).mptcp > 0);
      proves(t, "invisible", `${CHECKS} checks of an MPTCP listener: 0 accepted, 0 segments with its option`);
    },
  );
}
