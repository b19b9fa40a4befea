/** `queueTimeout`, in each of the checker's own queues. */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Checker, type CheckResult, type TimeoutResult, WaitDeadlineError } from "../../mod.ts";
import type { Input, Output } from "../scripts/check.ts";
import { ENGINES, engineTest, nameFor } from "../support/engines.ts";
import { proves } from "../support/evidence.ts";
import { OpenPort } from "../support/listener.ts";
import { countQueries } from "../support/name_server.ts";
import { checkNames, only, resolvConf, resolverFiles, SERVER } from "../support/names.ts";
import { namespaceTest, runInNamespace, WIRE } from "../support/namespace.ts";
import { runScript } from "../support/script.ts";
import { SilentPort } from "../support/silence.ts";

/** In ms. A timer may be early by less than 1 ms, because it has another clock. */
const LIMIT = 200;

function isQueueTimeout(result: CheckResult): result is TimeoutResult {
  return result.status === "timeout" && result.phase === "queue";
}

/** Asserts that a check ended in a queue, after the limit, and that it sent nothing. */
function assertQueued(result: CheckResult, limit = LIMIT): void {
  assert(isQueueTimeout(result), Deno.inspect(result));
  assertEquals([result.address, result.retransmits], [undefined, 0]);
  assert(result.queueTime! > limit - 1, `${result.queueTime} ms`);
}

engineTest(
  "queueTimeout limits the wait for the rate, of a checker, a check and checkAll()",
  async ({ name, mode }) => {
    using open = new OpenPort();
    await using checker = await Checker.start({ engine: name, rate: 1, queueTimeout: LIMIT });
    const first = checker.checkAddr(open.target);
    const patient = new AbortController();
    const waits = checker.checkAddr(open.target, { queueTimeout: Infinity, signal: patient.signal });
    const [byDefault, own, [ofMany]] = await Promise.all([
      checker.checkAddr(open.target),
      checker.checkAddr(open.target, { queueTimeout: LIMIT / 2 }),
      Array.fromAsync(checker.checkAll([open.target], { queueTimeout: LIMIT })),
    ]);
    assertEquals((await first).status, "up");
    for (const result of [byDefault, ofMany]) assertQueued(result);
    assert(isQueueTimeout(own) && own.queueTime! > LIMIT / 2 - 1);
    const { queueTime: _, ...rest } = byDefault;
    const times = { dnsTime: 0, duration: 0 };
    assertEquals(rest, {
      ...{ status: "timeout", phase: "queue", retransmits: 0 },
      ...{ target: open.target, mode, engine: name, ...times },
    });
    // The other check still waits.
    patient.abort();
    await assertRejects(() => waits, DOMException);
  },
);

for (const engine of ENGINES.filter(({ hasSockets }) => hasSockets)) {
  for (const way of ["of an address", "of a name with allow"] as const) {
    Deno.test(nameFor(`queueTimeout limits the wait for a socket ${way}`, engine), async (t) => {
      using silent = await SilentPort.open();
      const target = way === "of an address" ? silent.target : `localhost:${silent.port}`;
      // The limit holds for the queue of lookups too, in which a busy machine needs longer.
      const limit = way === "of an address" ? LIMIT : 3 * LIMIT;
      // Silent checks hold their sockets for this long. A late event loop adds seconds to the limit of "connect".
      const timeout = engine.name === "connect" ? 6000 : 800;
      const options = { timeout, queueTimeout: limit, family: 4 as const };
      const input: Input = {
        engine: engine.name,
        allowsAll: way !== "of an address",
        // More checks than descriptors, or than the 512 sockets of the engine "connect".
        checks: [{ target, options, times: engine.name === "connect" ? 1000 : 128 }],
      };
      const shell = engine.name === "connect" ? "" : "ulimit -n 64";
      const { results: [results] } = await runScript<Output>("check.ts", input, shell);
      const queued = results.filter(isQueueTimeout);
      for (const result of queued) assertQueued(result, limit);
      const unanswered = results.filter((result) => result.status === "timeout" && result.phase === "connect");
      assert(queued.length > 0 && unanswered.length > 0, `${queued.length} queued, ${unanswered.length} unanswered`);
      assertEquals(queued.length + unanswered.length, results.length);
      if (way !== "of an address") {
        assert(queued.some(({ dnsTime }) => dnsTime > 0));
        for (const { dnsTime, duration } of queued) assert(duration >= dnsTime);
      }
      proves(
        t,
        "deadlines",
        `${results.length} checks, more than sockets: ${queued.length} timed out in the queue after ${limit} ms, without a SYN`,
      );
    });
  }
}

namespaceTest("queueTimeout limits the wait for a local port", async () => {
  const target = "192.0.2.9:80";
  const { results: [first, next], counters } = await runInNamespace<Output>("check.ts", {
    checks: [
      { target, times: 10, options: { timeout: 800 } },
      { target, times: 5, options: { timeout: 800, queueTimeout: LIMIT } },
    ],
  }, { setup: `${WIRE}echo 5000 5009 >/proc/sys/net/ipv4/ip_local_port_range` });
  for (const result of first) assert(result.status === "timeout" && result.phase === "connect");
  for (const result of next) assertQueued(result);
  // These checks sent no SYN.
  assertEquals(counters["Tcp.ActiveOpens"], first.length);
});

namespaceTest("queueTimeout limits the wait for the rate of SYNs of the raw engine", async () => {
  const input: Input = {
    engine: "raw",
    // 10,000 SYNs per second by default.
    checks: [{ target: "192.0.2.9:80", times: 10_000, options: { timeout: 300, queueTimeout: LIMIT } }],
  };
  const { results: [results] } = await runInNamespace<Output>("check.ts", input, { setup: WIRE });
  const queued = results.filter(isQueueTimeout);
  for (const result of queued) assertQueued(result);
  const unanswered = results.filter((result) => result.status === "timeout" && result.phase === "connect");
  assert(queued.length > 0 && unanswered.length > 0, `${queued.length} queued, ${unanswered.length} unanswered`);
  assertEquals(queued.length + unanswered.length, results.length);
});

for (const engine of ["socket", "connect"] as const) {
  namespaceTest(`queueTimeout limits the wait for a lookup (engine: ${engine})`, async () => {
    const silent = Array.from({ length: 100 }, (_, i) => ({ target: `silent${i}.test:80`, options: { timeout: 100 } }));
    const late = { target: "late.test:80", options: { timeout: 100, queueTimeout: LIMIT } };
    const files = resolverFiles(resolvConf([SERVER], "options timeout:3 attempts:1"));
    const input = { engine, rounds: [{ checks: [...silent.slice(0, engine === "connect" ? 20 : 100), late] }] };
    const { rounds: [{ results }], queries: [queries] } = await checkNames(
      { "*.test": { fault: "silence" } },
      input,
      { files },
    );
    const last = only(results).at(-1)!;
    assertQueued(last);
    assertEquals([last.dnsTime, last.duration], [0, 0]);
    assertEquals(countQueries(queries, /^late/), 0);
  });
}

Deno.test("waitUntil() counts a queue timeout as neither up nor down", async () => {
  using open = new OpenPort();
  await using checker = await Checker.start({ rate: 0.01, queueTimeout: 20 });
  assertEquals((await checker.checkAddr(open.target)).status, "up");
  for (const state of ["up", "down"] as const) {
    const results: CheckResult[] = [];
    const options = { state, deadline: 200, interval: 1, onResult: (result: CheckResult) => results.push(result) };
    await assertRejects(() => checker.waitUntil(open.target, options), WaitDeadlineError);
    assert(results.length > 0 && results.every(isQueueTimeout));
  }
});

Deno.test("queueTimeout is a number of ms above 0, or Infinity", () => {
  for (const queueTimeout of [0, -1, NaN, 2 ** 31]) {
    const message = `queueTimeout must be above 0 and at most 2147483647 ms, it is ${queueTimeout}`;
    assertThrows(() => new Checker({ queueTimeout }), RangeError, message);
  }
  const text = "5" as unknown as number;
  assertThrows(() => new Checker({ queueTimeout: text }), TypeError, 'queueTimeout must be a number: "5"');
  for (const queueTimeout of [0.5, 2 ** 31 - 1, Infinity]) new Checker({ queueTimeout });
});
