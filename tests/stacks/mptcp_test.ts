/** Checks of a listener that accepts Multipath TCP. */

import { assert, assertEquals } from "@std/assert";
import { proves } from "../support/evidence.ts";
import { hasMptcp } from "../support/mptcp.ts";
import { synsOf, tally } from "../support/outcome.ts";
import { testbedTest } from "../support/testbed.ts";
import { halfHandshakes } from "../support/wire.ts";

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
      assertEquals(tally(results), { [`${hostname} up`]: CHECKS });
      assertEquals(synsOf(results), CHECKS);
      // No segment of ours has an option of Multipath TCP.
      assertEquals(await testbed.wire(), halfHandshakes(CHECKS));
      assertEquals(await server.call("visitors", 80), 0);
      // The visitor that counted connections used Multipath TCP, so the rule would have matched.
      assert((await testbed.wire()).mptcp > 0);
      proves(t, "invisible", `${CHECKS} checks of an MPTCP listener: 0 accepted, 0 segments with its option`);
    },
  );
}
