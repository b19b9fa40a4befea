/**
 * A duplicate SYN-ACK right after the first, which Linux answers at once with a challenge ACK (RFC 5961, section 4) that no
 * socket option delays.
 */

import { assert, assertEquals } from "@std/assert";
import { proves } from "../support/evidence.ts";
import { synsOf, tally } from "../support/outcome.ts";
import { SERVERS, testbedTest } from "../support/testbed.ts";

/** Checks, few enough for the accept queue. */
const CHECKS = 100;
const FAMILIES = [["ip", "192.0.2.1"], ["ip6", "2001:db8::1"]];

for (const [i, hostname] of SERVERS.entries()) {
  const [family, client] = FAMILIES[i];
  const twice = `
    nft -f - <<'RULES'
    table ${family} rules {
      chain out {
        type filter hook output priority filter
        oifname "veth1" tcp flags & (fin|syn|rst|ack) == (syn|ack) dup to ${client} device "veth1"
      }
    }
RULES
  `;
  const title = `a SYN-ACK of ${hostname} that arrives twice is acknowledged, and the result has mode full`;
  testbedTest(title, { server: twice }, async (testbed, t) => {
    const { client, server } = testbed;
    await server.call("listen", hostname, 80);
    const results = await client.call("check", [{ hostname, port: 80 }], 5000, CHECKS);
    const { client_syn, server_syn_ack, client_ack } = await testbed.wire();
    assertEquals({ client_syn, server_syn_ack }, { client_syn: synsOf(results), server_syn_ack: 2 * synsOf(results) });
    // One ACK per check, unless the RST was faster.
    const acks = client_ack ?? 0;
    assert(acks > 0);
    const half = acks < CHECKS ? { [`${hostname} up`]: CHECKS - acks } : {};
    assertEquals(tally(results), { [`${hostname} up (full)`]: acks, ...half });
    assertEquals(await server.call("accepted", 80), acks);
    proves(t, "verdicts", `${CHECKS} duplicate SYN-ACKs: ${acks} ACKs sent, ${acks} results with mode "full"`);
  });

  const lost = `
    nft -f - <<'RULES'
    table inet rules {
      chain out {
        type filter hook output priority filter
        oifname "veth1" tcp flags & (fin|syn|rst|ack) == (syn|ack) drop
      }
    }
RULES
  `;
  // The server retransmits its SYN-ACK 1 s after the first SYN, when the kernel here would retransmit its SYN: two
  // SYN-ACKs at once.
  testbedTest(
    `checks of ${hostname} with lost SYN-ACKs are up, and accept() does not return`,
    { server: lost },
    async (testbed, t) => {
      const { client, server } = testbed;
      await server.call("listen", hostname, 80);
      const pending = client.call("check", [{ hostname, port: 80 }], 30_000, CHECKS);
      // The timeout of this check shows that the other checks' first SYNs were sent, and their answers lost.
      const [early] = await client.call("check", [{ hostname, port: 80 }], 1);
      assertEquals(early.status, "timeout");
      await server.sh("nft flush chain inet rules out");
      const results = await pending;
      assertEquals(tally(results), { [`${hostname} up`]: CHECKS });
      assertEquals(synsOf(results), 2 * CHECKS);
      // Each replaced socket gets a retransmitted SYN-ACK too.
      const { client_ack, client_rst } = await testbed.wireWhen(({ client_rst }) => client_rst >= 2 * CHECKS);
      assertEquals(client_ack ?? 0, 0);
      assertEquals(await server.call("accepted", 80), 0);
      proves(t, "invisible", `${CHECKS} SYN-ACKs lost: ${client_rst} RSTs, 0 ACKs, accept() returned for none`);
    },
  );
}
