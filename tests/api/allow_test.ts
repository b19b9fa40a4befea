/** The `allow` option: its arguments, and the SYNs that it prevents. */

import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { Checker, type CheckerOptions, type CheckOptions, type ProbedAddress } from "../../mod.ts";
import { engineTest, type EngineUnderTest } from "../support/engines.ts";
import { closedPort, OpenPort } from "../support/listener.ts";
import { SilentPort } from "../support/silence.ts";

const started = ({ name }: EngineUnderTest, options: CheckerOptions = {}) =>
  Checker.start({ engine: name, ...options });

engineTest("allow is called before the SYN to an address, and denies it", async (engine) => {
  using open = new OpenPort();
  const asked: ProbedAddress[] = [];
  await using checker = await started(engine, { allow: (address) => asked.push(address) > 1 });
  const denied = await checker.checkAddr(open.target);
  assertEquals(denied, {
    status: "denied",
    target: open.target,
    address: { hostname: "127.0.0.1", port: open.port, family: 4 },
    mode: engine.mode,
    engine: engine.name,
    dnsTime: 0,
    duration: 0,
  });
  assertEquals((await checker.checkAddr(open.target)).status, "up");
  assertEquals(asked, Array(2).fill(denied.address));
});

engineTest("allow of a check replaces the checker's", async (engine) => {
  const closed = closedPort();
  await using checker = await started(engine, { allow: () => false });
  const statuses = [
    await checker.checkAddr(closed),
    await checker.checkAddr(closed, { allow: () => true }),
    ...await Array.fromAsync(checker.checkAll([closed])),
    ...await Array.fromAsync(checker.checkAll([closed], { allow: () => true })),
  ].map(({ status }) => status);
  assertEquals(statuses, ["denied", "refused", "denied", "refused"]);
});

engineTest("allow gets the IPv4 address of an IPv4-mapped IPv6 address, with a zone or without", async (engine) => {
  await using checker = await started(engine);
  const spellings = ["127.0.0.1", "::ffff:127.0.0.1", "::ffff:7f00:1", "::FFFF:7f00:0001", "::ffff:7f00:1%1"];
  for (const hostname of spellings) {
    const asked: unknown[] = [];
    const allow = ({ hostname, family }: ProbedAddress) => asked.push(hostname, family) < 0;
    assertEquals((await checker.checkAddr({ hostname, port: 1 }, { allow })).status, "denied");
    assertEquals(asked, ["127.0.0.1", 4], hostname);
  }
});

engineTest("allow can't change the probed address", async (engine) => {
  using open = new OpenPort();
  await using checker = await started(engine);
  const allow = (address: ProbedAddress) => {
    Object.assign(address, { hostname: "127.0.0.2", port: 1 });
    return true;
  };
  const { status, address } = await checker.checkAddr(open.target, { allow });
  assertEquals([status, address?.hostname, address?.port], ["up", "127.0.0.1", open.port]);
});

engineTest("an allow that throws or returns no boolean rejects the check, and sends no SYN", async (engine) => {
  using open = new OpenPort();
  await using checker = await started(engine);
  const reason = new Error("no idea");
  const throws = () => {
    throw reason;
  };
  assertStrictEquals(await assertRejects(() => checker.checkAddr(open.target, { allow: throws })), reason);
  for (const answer of [Promise.resolve(false), undefined, 1]) {
    const allow = (() => answer) as unknown as CheckOptions["allow"];
    await assertRejects(() => checker.checkAddr(open.target, { allow }), TypeError, "allow must return a boolean");
  }
  await assertRejects(() => checker.checkAddr(open.target, { allow: true as unknown as () => true }), TypeError);
  // Other checks are not affected.
  assertEquals((await checker.checkAddr(open.target)).status, "up");
});

engineTest("checks with allow can be cancelled and stopped", async (engine) => {
  using silent = await SilentPort.open();
  const stop = new AbortController();
  await using checker = await started(engine, { allow: () => true, timeout: 60_000 });
  await using other = await Checker.start({ engine: engine.name, allow: () => true, signal: stop.signal });
  const cancel = new AbortController();
  const reason = new Error("enough");
  const checks = [
    checker.checkAddr(silent.target, { signal: cancel.signal }),
    checker.checkAll([silent.target], { signal: cancel.signal }).next(),
    checker.checkAddr("localhost:1", { signal: cancel.signal }),
    other.checkAddr(silent.target, 60_000),
    other.checkAddr("localhost:1"),
  ];
  const settled = Promise.allSettled(checks);
  cancel.abort(reason);
  stop.abort(reason);
  for (const outcome of await settled) assertEquals(outcome, { status: "rejected", reason });
  assertEquals((await checker.checkAddr(silent.target, 50)).status, "timeout");
});

engineTest("a check of an allowed name has the same result as without allow", async (engine) => {
  using open = new OpenPort();
  await using checker = await started(engine);
  const allow = ({ family }: ProbedAddress) => family === 4;
  const result = await checker.checkAddr(`localhost:${open.port}`, { allow });
  assert(result.status === "up");
  assertEquals(result.address, { hostname: "127.0.0.1", port: open.port, family: 4 });
  assert(
    result.dnsTime > 0 && result.duration > result.dnsTime && result.rtt <= result.duration - result.dnsTime + 1e-6,
  );
  const none = await checker.checkAddr("nowhere.invalid:80", { allow: () => false, timeout: 50 });
  assert(none.status === "unresolved" || none.status === "timeout" && none.phase === "resolve");
});
