/** A listener with full queues or SYN cookies, on another host. */

import { assert, assertEquals } from "@std/assert";
import { difference } from "../support/counters.ts";
import { proves } from "../support/evidence.ts";
import { assertHalfHandshakes, countExcusedAcks } from "../support/half_handshakes.ts";
import { synsOf, tally } from "../support/outcome.ts";
import { SERVERS, testbedTest } from "../support/testbed.ts";
import { halfHandshakes } from "../support/wire.ts";

const CHECKS = 100;
/** The address of the flood's connections, whose SYN-ACKs are dropped on loopback. */
const LOSE_SYN_ACKS_ON_LOOPBACK = `
  nft -f - <<'RULES'
  table inet rules {
    chain in {
      type filter hook input priority filter
      iifname "lo" tcp flags & (fin|syn|rst|ack) == (syn|ack) drop
    }
  }
RULES
`;

for (const hostname of SERVERS) {
  const target = { hostname, port: 80 };

  for (const overflow of [0, 1]) {
    const setup = { server: `echo ${overflow} >/proc/sys/net/ipv4/tcp_abort_on_overflow` };
    testbedTest(
      `a full accept queue of ${hostname} is a timeout, abort on overflow ${overflow}`,
      setup,
      async (testbed, t) => {
        const { client, server } = testbed;
        await server.call("silence", hostname, 80);
        const before = await server.call("counters");
        const results = await client.call("check", [target], 300, CHECKS);
        assertEquals(tally(results), { [`${hostname} timeout`]: CHECKS });
        const syns = synsOf(results);
        assertEquals(await testbed.wire(), { client_syn: syns });
        const after = await server.call("counters");
        assertEquals(difference(before, after)["TcpExt.ListenOverflows"], syns);
        proves(
          t,
          "verdicts",
          `${CHECKS} checks of a full accept queue: ${syns} SYNs dropped by it, ${CHECKS} timeouts`,
        );
      },
    );
  }

  testbedTest(
    `an accept queue of ${hostname} that drains during a check is up, with a retransmit`,
    {},
    async (testbed, t) => {
      const { client, server } = testbed;
      await server.call("silence", hostname, 80);
      const pending = client.call("check", [target], 30_000, CHECKS);
      // The timeout of this check shows that the other checks' first SYNs were sent and dropped.
      const [early] = await client.call("check", [target], 1);
      assertEquals(early.status, "timeout");
      await server.call("speak", 80);
      const results = await pending;
      for (const result of results) assert(result.status === "up" && result.retransmits >= 1);
      const all = [early, ...results];
      await assertHalfHandshakes(testbed, all, { [`${hostname} timeout`]: 1, [`${hostname} up`]: CHECKS });
      const syns = synsOf(all);
      proves(
        t,
        "retransmits",
        `${CHECKS} checks up on a later SYN: ${syns} SYNs by the results and by the server's nft`,
      );
    },
  );

  testbedTest(
    `checks of ${hostname} have the same results and segments with and without SYN cookies`,
    {},
    async (testbed, t) => {
      const { client, server } = testbed;
      await server.call("listen", hostname, 80);
      let all = 0;
      for (const cookies of [0, 2]) {
        await server.sh(`echo ${cookies} >/proc/sys/net/ipv4/tcp_syncookies`);
        const [before, wireBefore] = [await server.call("counters"), await testbed.wire()];
        const results = await client.call("check", [target], 5000, 1000);
        assertEquals(synsOf(results), 1000);
        const wire = difference(wireBefore, await testbed.wire());
        const acks = countExcusedAcks(results, { [`${hostname} up`]: 1000 }, wire);
        all += acks;
        const counters = difference(before, await server.call("counters"));
        assertEquals(counters["TcpExt.SyncookiesSent"], cookies === 0 ? undefined : 1000);
        // A server that sends a cookie keeps no request that a RST could remove.
        assertEquals(counters["TcpExt.EmbryonicRsts"], cookies === 0 ? 1000 - acks : undefined);
        assertEquals(counters["Tcp.PassiveOpens"] ?? 0, acks);
      }
      assert(await server.call("accepted", 80) <= all);
      proves(t, "segments", "1,000 checks answered by SYN cookies: 1,000 SYN, 1,000 SYN-ACK, 1,000 RST, no ACK");
    },
  );

  const flooded = { server: LOSE_SYN_ACKS_ON_LOOPBACK };
  testbedTest(
    `a flooded SYN queue of ${hostname} is up with SYN cookies, a timeout without`,
    flooded,
    async (testbed, t) => {
      const { client, server } = testbed;
      const backlog = 4;
      await server.call("listen", hostname, 80, backlog);
      await server.call("flood", target, 2 * backlog);
      const before = await server.call("counters");
      const ups = await client.call("check", [target], 5000, CHECKS);
      assertEquals(tally(ups), { [`${hostname} up`]: CHECKS });
      assertEquals(synsOf(ups), CHECKS);
      const wire = await testbed.wire();
      assertEquals(wire, halfHandshakes(CHECKS));
      const counters = difference(before, await server.call("counters"));
      // The flood's retransmitted SYNs may be answered by cookies too.
      assert(counters["TcpExt.SyncookiesSent"] >= CHECKS);
      assertEquals(counters["Tcp.PassiveOpens"], undefined);

      await server.sh("echo 0 >/proc/sys/net/ipv4/tcp_syncookies");
      const timeouts = await client.call("check", [target], 300, CHECKS);
      assertEquals(tally(timeouts), { [`${hostname} timeout`]: CHECKS });
      assertEquals(await testbed.wire(), { ...wire, client_syn: CHECKS + synsOf(timeouts) });
      // No connection was established, so none can be accepted.
      assertEquals(difference(before, await server.call("counters"))["Tcp.PassiveOpens"], undefined);
      proves(t, "verdicts", `a flooded SYN queue: ${CHECKS} checks up by SYN cookies, ${CHECKS} timeouts without`);
    },
  );
}
