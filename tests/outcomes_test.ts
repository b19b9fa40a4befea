/** Each status, from a cause that is real: no fake socket, no injected error. */

import { assert, assertEquals } from "@std/assert";
import { Checker, type CheckResult } from "../mod.ts";
import type { Input, Output } from "./scripts/check.ts";
import { proves } from "./support/evidence.ts";
import { closedPort, OpenPort } from "./support/listener.ts";
import { namespaceTest, runInNamespace, WIRE } from "./support/namespace.ts";
import { outcome } from "./support/outcome.ts";
import { SilentPort } from "./support/silence.ts";

Deno.test("a closed port is refused", async () => {
  const result = await checkOne(closedPort());
  assert(result.status === "refused");
  assertEquals([result.code, result.errno], ["ECONNREFUSED", 111]);
});

Deno.test("a full backlog is a timeout, and not an early one", async (t) => {
  using silent = await SilentPort.open();
  const took: string[] = [];
  for (const timeout of [0.5, 1, 20, 150]) {
    const start = performance.now();
    const result = await checkOne(silent.target, timeout);
    // By a clock that is not the engine's own.
    const elapsed = performance.now() - start;
    assert(elapsed >= timeout);
    took.push(`${timeout} ms took ${elapsed.toFixed(1)} ms`);
    assert(result.status === "timeout");
    assertEquals(result.phase, "connect");
    assertEquals(result.retransmits, 0);
    assertEquals(result.address, { hostname: "127.0.0.1", port: silent.port, family: 4 });
    assert(result.duration >= timeout, `${result.duration} ms`);
  }
  proves(t, "deadlines", took.join(", "));
});

Deno.test("a SYN that was sent again is counted", async () => {
  using silent = await SilentPort.open();
  // The second one leaves after 0.9 s, the kernel's own after 1 s more.
  const result = await checkOne(silent.target, 1300);
  assert(result.status === "timeout");
  assertEquals(result.retransmits, 1);
});

Deno.test("a port that answers the second SYN is up, with one retransmit", async (t) => {
  const silent = await SilentPort.open();
  const { port } = silent;
  await using checker = new Checker();
  checker.checkingLoop();
  const pending = checker.checkAddr(silent.target, 5000);
  // By its own timeout this one says that the first SYN of the other is out, and dropped.
  assertEquals((await checker.checkAddr(silent.target, 1)).status, "timeout");
  silent[Symbol.dispose]();
  using _open = Deno.listen({ hostname: "127.0.0.1", port });
  const result = await pending;
  assert(result.status === "up");
  assertEquals(result.retransmits, 1);
  // The wait before the second SYN is not part of it.
  assert(result.rtt <= result.duration - 900, `${result.rtt} ms of ${result.duration} ms`);
  proves(t, "roundTrip", `rtt ${result.rtt} ms, of a check that took ${result.duration.toFixed(1)} ms`);
  proves(t, "changes", `nobody listened for the first SYN, somebody for the second: ${counted(result)}`);
});

namespaceTest("an address that swallows all packets is a timeout", async () => {
  const targets = ["192.0.2.9:80", "[2001:db8::9]:80"];
  const { results, leftInSynSent } = await check(targets, WIRE, 100);
  for (const result of results) {
    assert(result.status === "timeout");
    assertEquals(result.phase, "connect");
    assert(result.duration >= 100);
  }
  assertEquals(leftInSynSent, 0);
});

namespaceTest("a timeout is as long as it was asked for when the kernel gives up earlier", async (t) => {
  const setup = `${WIRE}
    echo 1 >/proc/sys/net/ipv4/tcp_syn_retries
    # Where this exists the first retries are a second apart, and don't count.
    ! test -e /proc/sys/net/ipv4/tcp_syn_linear_timeouts || echo 0 >/proc/sys/net/ipv4/tcp_syn_linear_timeouts
  `;
  const { results: [result], counters } = await check(["192.0.2.9:80"], setup, 5000);
  assert(result.status === "timeout");
  assert(result.duration >= 5000);
  // The kernel gave up on the second socket after 0.9 + 1 + 2 s, and a third one went on.
  assert(counters["Tcp.ActiveOpens"] >= 3);
  assertEquals(result.retransmits, counters["Tcp.ActiveOpens"] + counters["Tcp.RetransSegs"] - 1);
  const syns = counters["Tcp.ActiveOpens"] + counters["Tcp.RetransSegs"];
  proves(
    t,
    "retransmits",
    `${syns} SYNs by the kernel's counters, of ${counters["Tcp.ActiveOpens"]} sockets; ${counted(result)}`,
  );
});

namespaceTest("no route is unreachable", async (t) => {
  const setup = `${WIRE}
    ip route add unreachable 198.51.100.1
    ip route add unreachable 2001:db8:1::1
  `;
  const { results } = await check(["198.51.100.1:80", "[2001:db8:1::1]:80", "198.51.100.2:80"], setup);
  assertEquals(results.map(outcome), [
    "198.51.100.1 unreachable EHOSTUNREACH",
    "2001:db8:1::1 unreachable EHOSTUNREACH",
    "198.51.100.2 unreachable ENETUNREACH",
  ]);
  proves(t, "verdicts", results.map(outcome).join(", "));
});

namespaceTest("a neighbour that doesn't answer is unreachable", async (t) => {
  const setup = `${WIRE}
    for family in ipv4 ipv6; do
      echo 20 >/proc/sys/net/$family/neigh/veth0/retrans_time_ms
      echo 1 >/proc/sys/net/$family/neigh/veth0/mcast_solicit
    done
  `;
  const { results } = await check(["192.0.2.7:80", "[2001:db8::7]:80"], setup);
  assertEquals(results.map(outcome), ["192.0.2.7 unreachable EHOSTUNREACH", "2001:db8::7 unreachable EHOSTUNREACH"]);
  proves(t, "verdicts", results.map(outcome).join(", "));
});

namespaceTest("a router that says so is believed, one that says nothing is a timeout", async (t) => {
  // The router is the other end of the wire: what comes in there is forwarded by a table of its own.
  const setup = `${WIRE}
    ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev veth0
    ip neigh add 2001:db8::2 lladdr 02:00:00:00:00:02 dev veth0
    ip route add 198.51.100.0/24 via 192.0.2.2
    ip route add 2001:db8:1::/48 via 2001:db8::2
    echo 1 >/proc/sys/net/ipv4/ip_forward
    echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
    echo 1 >/proc/sys/net/ipv4/conf/veth1/accept_local
    for i in all veth1; do echo 0 >/proc/sys/net/ipv4/conf/$i/rp_filter; done
    ip rule add pref 100 iif veth1 lookup 100
    ip -6 rule add pref 100 iif veth1 lookup 100
    ip route add unreachable 198.51.100.1 table 100
    ip route add prohibit 198.51.100.2 table 100
    ip route add blackhole 198.51.100.3 table 100
    ip route add unreachable 2001:db8:1::1 table 100
    ip route add prohibit 2001:db8:1::2 table 100
    ip route add blackhole 2001:db8:1::3 table 100
  `;
  const hosts = [1, 2, 3].flatMap((host) => [`198.51.100.${host}:80`, `[2001:db8:1::${host}]:80`]);
  // So near a router may answer while connect() still holds the socket, and then only the second SYN's answer counts.
  const { results } = await check(hosts, setup, 1500);
  assertEquals(results.map(outcome), [
    "198.51.100.1 unreachable EHOSTUNREACH",
    "2001:db8:1::1 unreachable ENETUNREACH",
    "198.51.100.2 unreachable EHOSTUNREACH",
    // From the network it says that a firewall is in the way; from our own host it would be a local error.
    "2001:db8:1::2 unreachable EACCES",
    "198.51.100.3 timeout",
    "2001:db8:1::3 timeout",
  ]);
  proves(t, "verdicts", results.map(outcome).join(", "));
});

namespaceTest("what this host itself forbids is a local error", async (t) => {
  const setup = `${WIRE}
    ip route add prohibit 198.51.100.1
    ip route add prohibit 2001:db8:1::1
    ip route add blackhole 198.51.100.2
  `;
  const targets = ["198.51.100.1:80", "[2001:db8:1::1]:80", "198.51.100.2:80", "[fe80::9%nosuch0]:80"];
  const { results } = await check(targets, setup);
  assertEquals(results.map(outcome), [
    "198.51.100.1 local-error EACCES",
    "2001:db8:1::1 local-error EACCES",
    "198.51.100.2 local-error EINVAL",
    "none local-error ENODEV",
  ]);
  proves(t, "verdicts", results.map(outcome).join(", "));
});

namespaceTest("local ports that others have used up are a local error", async () => {
  // The two connections that fill the backlog take both ports.
  const { results: [[result]] } = await runInNamespace<Output>("check.ts", {
    silent: [{ hostname: "127.0.0.1", port: 80 }],
    checks: [{ target: "127.0.0.1:80" }],
  }, { setup: "echo 5000 5001 >/proc/sys/net/ipv4/ip_local_port_range" });
  assertEquals(outcome(result), "127.0.0.1 local-error EADDRNOTAVAIL");
});

namespaceTest("IPv6 is up, refused, and has zones", async (t) => {
  const setup = `${WIRE}
    ip addr add fe80::9/64 dev veth0 nodad
  `;
  const targets = ["[::1]", "[2001:db8::1]", "[fe80::9%veth0]"].flatMap((host) => [`${host}:80`, `${host}:81`]);
  const { results } = await check(targets, setup, 1000, [{ hostname: "::", port: 80 }]);
  assertEquals(results.map(outcome), [
    "::1 up",
    "::1 refused ECONNREFUSED",
    "2001:db8::1 up",
    "2001:db8::1 refused ECONNREFUSED",
    "fe80::9%veth0 up",
    "fe80::9%veth0 refused ECONNREFUSED",
  ]);
  proves(t, "verdicts", results.map(outcome).join(", "));
});

namespaceTest("a closed port that draws itself as its local port is refused", async (t) => {
  // The only local port there is: every SYN meets the socket that has sent it.
  const { results, leftInSynSent, counters } = await runInNamespace<Output>("check.ts", {
    checks: ["127.0.0.1:5000", "[::1]:5000"].map((target) => ({ target, times: 100 })),
  }, { setup: "echo 5000 5000 >/proc/sys/net/ipv4/ip_local_port_range" });
  for (const result of results.flat()) assertEquals(result.status, "refused");
  assertEquals(leftInSynSent, 0);
  // It did happen: had nobody connected, then nobody would have been reset.
  const connected = counters["Tcp.EstabResets"];
  assertEquals(connected, 200);
  proves(t, "verdicts", `${connected} sockets connected to themselves: ${results.flat().length} refused`);
});

Deno.test("an address of the wrong family is unresolved", async () => {
  await using checker = new Checker();
  checker.checkingLoop();
  for (const [target, family] of [["127.0.0.1:80", 6], ["[::1]:80", 4]] as const) {
    const result = await checker.checkAddr(target, { family });
    assert(result.status === "unresolved");
    assertEquals(result.code, "EAI_ADDRFAMILY");
    assertEquals(result.address, undefined);
  }
});

Deno.test("zeroLinger: false is up too, and says that the handshake was completed", async () => {
  using open = new OpenPort();
  await using checker = new Checker({ zeroLinger: false });
  checker.checkingLoop();
  const result = await checker.checkAddr(open.target);
  assertEquals([result.status, result.mode], ["up", "full"]);
  const halfOpen = await checker.checkAddr(open.target, { zeroLinger: true });
  assertEquals([halfOpen.status, halfOpen.mode], ["up", "half-open"]);
});

function counted(result: CheckResult & { retransmits: number }): string {
  return `${result.status} after ${result.duration.toFixed(1)} ms, retransmits: ${result.retransmits}`;
}

async function checkOne(target: string, timeout = 1000): Promise<CheckResult> {
  await using checker = new Checker();
  checker.checkingLoop();
  return await checker.checkAddr(target, timeout);
}

/** Checks each target once, all at the same time, in a namespace. */
async function check(targets: string[], setup: string, timeout = 1000, open: Input["open"] = []) {
  const checks = targets.map((target) => ({ target, options: { timeout } }));
  const output = await runInNamespace<Output>("check.ts", { open, checks } satisfies Input, { setup });
  const results = output.results.map(([result]) => result);
  assertEquals(results.map(({ target }) => target), targets);
  for (const { mode } of results) assertEquals(mode, "half-open");
  return { ...output, results };
}
