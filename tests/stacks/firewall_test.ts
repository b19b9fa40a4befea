/** Firewalls on the target's host: the result of each kind of rejection, and of a drop. */

import { assert, assertEquals } from "@std/assert";
import { difference } from "../support/counters.ts";
import { proves } from "../support/evidence.ts";
import { synsOf, tally } from "../support/outcome.ts";
import { SERVERS, testbedTest } from "../support/testbed.ts";

const CHECKS = 100;

/** Rules of the server's input and output. The kernel's rate limit of ICMP errors is off. */
function rules(incoming: string, outgoing = ""): { server: string } {
  return {
    server: `
      echo 0 >/proc/sys/net/ipv4/icmp_ratelimit
      echo 0 >/proc/sys/net/ipv6/icmp/ratelimit
      nft -f - <<'RULES'
      table inet rules {
        counter dropped { }
        counter reported { }
        chain in {
          type filter hook input priority filter
          iifname != "veth1" return
          ${incoming}
        }
        chain out {
          type filter hook output priority filter
          oifname != "veth1" return
          ${outgoing}
        }
      }
RULES
    `,
  };
}

const RESET = rules("tcp dport 80 reject with tcp reset");
for (const hostname of SERVERS) {
  testbedTest(`a port that a firewall resets is refused, at ${hostname}`, RESET, async (testbed, t) => {
    const { client, server } = testbed;
    await server.call("listen", hostname, 80);
    const results = await client.call("check", [{ hostname, port: 80 }], 5000, CHECKS);
    assertEquals(tally(results), { [`${hostname} refused ECONNREFUSED`]: CHECKS });
    assertEquals(await testbed.wire(), { client_syn: CHECKS, server_rst: CHECKS });
    assertEquals(await server.call("accepted", 80), 0);
    proves(t, "verdicts", `${CHECKS} checks reset by a firewall: ${CHECKS} refused`);
  });
}

/** ICMP errors by nft's name, and the expected outcome of each (`icmp_err_convert` and others). */
const ICMP = {
  "net-unreachable": "unreachable ENETUNREACH",
  "host-unreachable": "unreachable EHOSTUNREACH",
  "prot-unreachable": "unreachable ENOPROTOOPT",
  "port-unreachable": "refused ECONNREFUSED",
  "net-prohibited": "unreachable ENETUNREACH",
  "host-prohibited": "unreachable EHOSTUNREACH",
  "admin-prohibited": "unreachable EHOSTUNREACH",
};
const ICMPV6 = {
  "no-route": "unreachable ENETUNREACH",
  "admin-prohibited": "unreachable EACCES",
  "addr-unreachable": "unreachable EHOSTUNREACH",
  "port-unreachable": "refused ECONNREFUSED",
  "policy-fail": "unreachable EACCES",
  "reject-route": "unreachable EACCES",
};
for (
  const [protocol, hostname, messages] of [["icmp", "192.0.2.2", ICMP], ["icmpv6", "2001:db8::2", ICMPV6]] as const
) {
  const ports = Object.keys(messages).map((message, i) => [message, 80 + i] as const);
  const incoming = ports.map(([message, port]) =>
    `tcp dport ${port} counter name reported reject with ${protocol} type ${message}`
  );
  const title = `each error that a firewall sends by ${protocol} has its status: ${Object.keys(messages).join(", ")}`;
  testbedTest(title, rules(incoming.join("\n")), async (testbed, t) => {
    const { client, server } = testbed;
    for (const [, port] of ports) await server.call("listen", hostname, port);
    // The firewall is so near that its answer may arrive while connect() holds the socket's lock. Then only the answer to
    // the second SYN counts.
    const checks = ports.map(([, port]) => ({ hostname, port }));
    const results = await client.call("check", checks, 30_000);
    const said = results.map((result, i) => [ports[i][0], result.status + ("code" in result ? ` ${result.code}` : "")]);
    assertEquals(Object.fromEntries(said), messages);
    const { client_syn, reported, ...others } = await testbed.wire();
    assertEquals(reported, client_syn);
    assertEquals(others, {});
    for (const [, port] of ports) assertEquals(await server.call("accepted", port), 0);
    proves(t, "verdicts", `${ports.length} kinds of ${protocol} errors from a firewall: the status and code of each`);
  });
}

const DROP = rules("tcp dport 80 counter name dropped drop");
for (const hostname of SERVERS) {
  testbedTest(`a port whose packets a firewall drops is a timeout, at ${hostname}`, DROP, async (testbed, t) => {
    const { client, server } = testbed;
    await server.call("listen", hostname, 80);
    const results = await client.call("check", [{ hostname, port: 80 }], 1300, CHECKS);
    assertEquals(tally(results), { [`${hostname} timeout`]: CHECKS });
    const syns = synsOf(results);
    // The second SYN is sent after TCP_TIMEOUT_INIT, 1 s.
    assert(syns >= 2 * CHECKS);
    assertEquals(await testbed.wire(), { client_syn: syns, dropped: syns });
    assertEquals(await server.call("accepted", 80), 0);
    proves(t, "retransmits", `${CHECKS} timeouts: ${syns} SYNs by the results, and as many dropped by the firewall`);
  });
}

const DROP_SYN_ACK = rules("", "tcp flags & (fin|syn|rst|ack) == (syn|ack) counter name dropped drop");
for (const hostname of SERVERS) {
  testbedTest(`a SYN-ACK that never arrives is a timeout, at ${hostname}`, DROP_SYN_ACK, async (testbed, t) => {
    const { client, server } = testbed;
    await server.call("listen", hostname, 80);
    const before = await server.call("counters");
    const results = await client.call("check", [{ hostname, port: 80 }], 1300, CHECKS);
    assertEquals(tally(results), { [`${hostname} timeout`]: CHECKS });
    const syns = synsOf(results);
    assert(syns >= 2 * CHECKS);
    const { dropped, ...wire } = await testbed.wire();
    assert(dropped >= CHECKS);
    assertEquals(wire, { client_syn: syns });
    assertEquals(difference(before, await server.call("counters"))["Tcp.PassiveOpens"], undefined);
    assertEquals(await server.call("accepted", 80), 0);
    proves(
      t,
      "retransmits",
      `${CHECKS} timeouts without SYN-ACKs: ${syns} SYNs by the results and by the server's nft`,
    );
  });
}

const DROP_RST = rules("tcp flags & rst == rst counter name dropped drop");
for (const hostname of SERVERS) {
  testbedTest(
    `each retransmitted SYN-ACK of ${hostname} after a lost RST draws a RST`,
    DROP_RST,
    async (testbed, t) => {
      const { client, server } = testbed;
      await server.call("listen", hostname, 80);
      // The number of SYN-ACKs after which the server gives up.
      await server.sh("echo 2 >/proc/sys/net/ipv4/tcp_synack_retries");
      const before = await server.call("counters");
      const results = await client.call("check", [{ hostname, port: 80 }], 5000, CHECKS);
      assertEquals(tally(results), { [`${hostname} up`]: CHECKS });
      assertEquals(synsOf(results), CHECKS);
      const expected = { client_syn: CHECKS, server_syn_ack: 3 * CHECKS, client_rst: 3 * CHECKS, dropped: 3 * CHECKS };
      // The third answer to the last check is counted last.
      assertEquals(await testbed.wireWhen(({ dropped }) => dropped >= expected.dropped), expected);
      assertEquals(difference(before, await server.call("counters"))["Tcp.PassiveOpens"], undefined);
      assertEquals(await server.call("accepted", 80), 0);
      proves(
        t,
        "segments",
        `${CHECKS} checks whose RST is lost, up once each: 3 SYN-ACKs and 3 RSTs per check, no ACK`,
      );
    },
  );
}
