/** Timeouts and retransmits. */

import { assert, assertEquals } from "@std/assert";
import { proves } from "../support/evidence.ts";
import { engineNamespaceTest, engineTest, newChecker } from "../support/engines.ts";
import { WIRE } from "../support/namespace.ts";
import { SilentPort } from "../support/silence.ts";
import { check, checkOne, counted, retransmitsAtOnce } from "../support/check_one.ts";

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
