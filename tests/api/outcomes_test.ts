/** Each status from its real cause, without fakes and injected errors. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { Checker, type CheckResult } from "../../mod.ts";
import type { Input, Output } from "../scripts/check.ts";
import { proves } from "../support/evidence.ts";
import { engineNamespaceTest, engineTest, type EngineUnderTest, newChecker } from "../support/engines.ts";
import { closedPort, OpenPort } from "../support/listener.ts";
import { runInNamespace, WIRE } from "../support/namespace.ts";
import { outcome } from "../support/outcome.ts";
import { SilentPort } from "../support/silence.ts";

engineTest("a closed port is refused", async (engine) => {
  const result = await checkOne(engine, closedPort());
  assert(result.status === "refused");
  assertEquals([result.code, result.errno], ["ECONNREFUSED", 111]);
});

engineTest("a full backlog is a timeout, which is never early", async (engine, t) => {
  using silent = await SilentPort.open();
  const took: string[] = [];
  for (const timeout of [0.5, 1, 20, 150]) {
    const start = performance.now();
    const result = await checkOne(engine, silent.target, timeout);
    // Measured by JavaScript's clock, not the engine's.
    const elapsed = performance.now() - start;
    assert(elapsed >= timeout);
    took.push(`${timeout} ms took ${elapsed.toFixed(1)} ms`);
    assert(result.status === "timeout");
    assertEquals(result.phase, "connect");
    assertEquals(result.retransmits, retransmitsAtOnce(engine));
    assertEquals(result.address, { hostname: "127.0.0.1", port: silent.port, family: 4 });
    assert(result.duration >= timeout, `${result.duration} ms`);
  }
  proves(t, "deadlines", took.join(", "));
});

engineTest("a retransmitted SYN is counted", async (engine) => {
  using silent = await SilentPort.open();
  // The second SYN is sent after 0.9 s, the kernel's retransmission 1 s later; that of a full connect after 1 s.
  const result = await checkOne(engine, silent.target, 1300);
  assert(result.status === "timeout");
  assertEquals(result.retransmits, retransmitsAtOnce(engine) + (engine.countsRetransmits ? 1 : 0));
});

engineTest("a port that answers the second SYN is up, with one retransmit", async (engine, t) => {
  const silent = await SilentPort.open();
  const { port } = silent;
  await using checker = newChecker(engine);
  checker.checkingLoop();
  const pending = checker.checkAddr(silent.target, 5000);
  // The timeout of this check shows that the other check's first SYN was sent and dropped.
  assertEquals((await checker.checkAddr(silent.target, 1)).status, "timeout");
  silent[Symbol.dispose]();
  using _open = Deno.listen({ hostname: "127.0.0.1", port });
  const result = await pending;
  assert(result.status === "up");
  assertEquals(result.retransmits, engine.countsRetransmits ? 1 : 0);
  // rtt excludes the wait before the second SYN; a full connect is measured from its start.
  if (engine.countsRetransmits) {
    assert(result.rtt <= result.duration - 900, `${result.rtt} ms of ${result.duration} ms`);
    proves(t, "roundTrip", `rtt ${result.rtt} ms, of a check that took ${result.duration.toFixed(1)} ms`);
  }
  proves(t, "changes", `no listener at the first SYN, one at the second: ${counted(result)}`);
});

engineNamespaceTest("an address that drops all packets is a timeout", async (engine) => {
  const targets = ["192.0.2.9:80", "[2001:db8::9]:80"];
  const { results, leftInSynSent } = await check(engine, targets, WIRE, 100);
  for (const result of results) {
    assert(result.status === "timeout");
    assertEquals(result.phase, "connect");
    assert(result.duration >= 100);
  }
  assertEquals(leftInSynSent, 0);
});

engineNamespaceTest("a timeout has its full length even if the kernel gives up earlier", async (engine, t) => {
  const setup = `${WIRE}
    echo 1 >/proc/sys/net/ipv4/tcp_syn_retries
    # Where this exists the first retries are a second apart, and don't count.
    ! test -e /proc/sys/net/ipv4/tcp_syn_linear_timeouts || echo 0 >/proc/sys/net/ipv4/tcp_syn_linear_timeouts
  `;
  const { results: [result], counters } = await check(engine, ["192.0.2.9:80"], setup, 5000);
  assert(result.status === "timeout");
  assert(result.duration >= 5000);
  if (!engine.hasSockets) return assertEquals(result.retransmits, 2);
  // The kernel gave up on a socket after 1 + 2 s, and another socket replaced it. A half-open check also renews its first
  // socket.
  assert(counters["Tcp.ActiveOpens"] >= (engine.countsRetransmits ? 3 : 2));
  const syns = counters["Tcp.ActiveOpens"] + counters["Tcp.RetransSegs"];
  assertEquals(result.retransmits, engine.countsRetransmits ? syns - 1 : 0);
  const sockets = counters["Tcp.ActiveOpens"];
  proves(t, "deadlines", `${syns} SYNs by the kernel's counters, of ${sockets} sockets; ${counted(result)}`);
});

engineNamespaceTest("no route is unreachable", async (engine, t) => {
  const setup = `${WIRE}
    ip route add unreachable 198.51.100.1
    ip route add unreachable 2001:db8:1::1
  `;
  const { results } = await check(engine, ["198.51.100.1:80", "[2001:db8:1::1]:80", "198.51.100.2:80"], setup);
  assertEquals(results.map(outcome), [
    "198.51.100.1 unreachable EHOSTUNREACH",
    "2001:db8:1::1 unreachable EHOSTUNREACH",
    "198.51.100.2 unreachable ENETUNREACH",
  ]);
  assertEquals(results.map(sent), Array(3).fill(engine.name === "connect" ? undefined : false));
  proves(t, "verdicts", results.map(outcome).join(", "));
});

engineNamespaceTest("a neighbour that doesn't answer is unreachable", async (engine, t) => {
  const setup = `${WIRE}
    for family in ipv4 ipv6; do
      echo 20 >/proc/sys/net/$family/neigh/veth0/retrans_time_ms
      echo 1 >/proc/sys/net/$family/neigh/veth0/mcast_solicit
    done
  `;
  const { results } = await check(engine, ["192.0.2.7:80", "[2001:db8::7]:80"], setup);
  assertEquals(results.map(outcome), ["192.0.2.7 unreachable EHOSTUNREACH", "2001:db8::7 unreachable EHOSTUNREACH"]);
  assertEquals(results.map(sent), Array(2).fill(engine.name === "connect" ? undefined : true));
  proves(t, "verdicts", results.map(outcome).join(", "));
});

engineNamespaceTest("a router's ICMP error is unreachable, a silent router is a timeout", async (engine, t) => {
  // The router is the other end of the wire: a separate routing table forwards its packets.
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
  // The router is so near that its answer may arrive while connect() holds the socket's lock. Then only the answer to the
  // second SYN counts.
  const { results } = await check(engine, hosts, setup, 1500);
  assertEquals(results.map(outcome), [
    "198.51.100.1 unreachable EHOSTUNREACH",
    "2001:db8:1::1 unreachable ENETUNREACH",
    "198.51.100.2 unreachable EHOSTUNREACH",
    // From the network this error means a firewall. From this host it would be a local error.
    `2001:db8:1::2 ${engine.distinguishesNetworkErrors ? "unreachable" : "local-error"} EACCES`,
    "198.51.100.3 timeout",
    "2001:db8:1::3 timeout",
  ]);
  proves(t, "verdicts", results.map(outcome).join(", "));
});

engineNamespaceTest("an error of this host is a local error", async (engine, t) => {
  const setup = `${WIRE}
    ip route add prohibit 198.51.100.1
    ip route add prohibit 2001:db8:1::1
    ip route add blackhole 198.51.100.2
  `;
  const targets = ["198.51.100.1:80", "[2001:db8:1::1]:80", "198.51.100.2:80", "[fe80::9%nosuch0]:80"];
  const { results } = await check(engine, targets, setup);
  assertEquals(results.map(outcome), [
    "198.51.100.1 local-error EACCES",
    "2001:db8:1::1 local-error EACCES",
    "198.51.100.2 local-error EINVAL",
    "none local-error ENODEV",
  ]);
  proves(t, "verdicts", results.map(outcome).join(", "));
});

engineNamespaceTest("local ports exhausted by other programs are a local error", async (engine) => {
  // The two connections that fill the backlog use both ports.
  const checking = runInNamespace<Output>("check.ts", {
    engine: engine.name,
    silent: [{ hostname: "127.0.0.1", port: 80 }],
    checks: [{ target: "127.0.0.1:80" }],
  }, { setup: "echo 5000 5001 >/proc/sys/net/ipv4/ip_local_port_range" });
  // The raw engine takes its port when it starts.
  if (engine.name === "raw") return void await assertRejects(() => checking, Error, "refuses a source port");
  const { results: [[result]] } = await checking;
  assertEquals(outcome(result), "127.0.0.1 local-error EADDRNOTAVAIL");
});

engineNamespaceTest("IPv6 addresses are up and refused, with zones", async (engine, t) => {
  const setup = `${WIRE}
    ip addr add fe80::9/64 dev veth0 nodad
  `;
  const targets = ["[::1]", "[2001:db8::1]", "[fe80::9%veth0]"].flatMap((host) => [`${host}:80`, `${host}:81`]);
  const { results } = await check(engine, targets, setup, 1000, [{ hostname: "::", port: 80 }]);
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

engineNamespaceTest("a closed port whose SYN comes from the same local port is refused", async (engine, t) => {
  // The only local port: every SYN arrives at the socket that sent it.
  const setup = "echo 5000 5000 >/proc/sys/net/ipv4/ip_local_port_range";
  // After a FIN the port is in TIME_WAIT.
  const times = engine.mode === "full" ? 1 : 100;
  const { results, leftInSynSent, counters } = await runInNamespace<Output>("check.ts", {
    engine: engine.name,
    checks: ["127.0.0.1:5000", "[::1]:5000"].map((target) => ({ target, times })),
  }, { setup });
  for (const result of results.flat()) assertEquals([result.status, result.mode], ["refused", engine.mode]);
  assertEquals(leftInSynSent, 0);
  // A SYN of the raw engine does not arrive at a socket.
  if (!engine.hasSockets) return;
  // Without self-connections each attempt would have failed.
  assertEquals([counters["Tcp.ActiveOpens"], counters["Tcp.AttemptFails"]], [2 * times, undefined]);
  proves(t, "verdicts", `${2 * times} sockets connected to themselves: ${results.flat().length} refused`);
});

engineTest("an address of the wrong family is unresolved", async (engine) => {
  await using checker = newChecker(engine);
  checker.checkingLoop();
  for (const [target, family] of [["127.0.0.1:80", 6], ["[::1]:80", 4]] as const) {
    const result = await checker.checkAddr(target, { family });
    assert(result.status === "unresolved");
    assertEquals(result.code, "EAI_ADDRFAMILY");
    assertEquals(result.address, undefined);
  }
});

Deno.test("with zeroLinger: false an open port is up, with the mode full", async () => {
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

async function checkOne(engine: EngineUnderTest, target: string, timeout = 1000): Promise<CheckResult> {
  await using checker = newChecker(engine);
  checker.checkingLoop();
  return await checker.checkAddr(target, timeout);
}

/** Checks each target once, all at the same time, in a namespace. */
async function check(
  engine: EngineUnderTest,
  targets: string[],
  setup: string,
  timeout = 1000,
  open: Input["open"] = [],
) {
  const checks = targets.map((target) => ({ target, options: { timeout } }));
  const output = await runInNamespace<Output>("check.ts", { engine: engine.name, open, checks } satisfies Input, {
    setup,
  });
  const results = output.results.map(([result]) => result);
  assertEquals(results.map(({ target }) => target), targets);
  for (const { mode } of results) assertEquals(mode, engine.mode);
  return { ...output, results };
}

/** The `sent` of an unreachable result. */
function sent(result: CheckResult): boolean | undefined {
  assert(result.status === "unreachable");
  return result.sent;
}

/** Retransmissions of an unanswered lone check of this host: the caller's thread sends a SYN, then the engine's. */
function retransmitsAtOnce({ name }: EngineUnderTest): number {
  return name === "socket" ? 1 : 0;
}
