/** Each status from its real cause, without fakes and injected errors. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { Checker } from "../../mod.ts";
import type { Output } from "../scripts/check.ts";
import { proves } from "../support/evidence.ts";
import { engineNamespaceTest, engineTest, newChecker } from "../support/engines.ts";
import { closedPort, OpenPort } from "../support/listener.ts";
import { runInNamespace, WIRE } from "../support/namespace.ts";
import { outcome } from "../support/outcome.ts";
import { check, checkOne } from "../support/check_one.ts";

engineTest("a closed port is refused", async (engine) => {
  const result = await checkOne(engine, closedPort());
  assert(result.status === "refused");
  assertEquals([result.code, result.errno], ["ECONNREFUSED", 111]);
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
