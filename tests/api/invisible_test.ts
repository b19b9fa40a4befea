/** Invisibility: accept() does not return, and each check is three segments on the wire. */

import { assert, assertEquals } from "@std/assert";
import { Checker, type CheckResult } from "../../mod.ts";
import type { Input, Output } from "../scripts/count_packets.ts";
import { Application } from "../support/application.ts";
import { blockEventLoop } from "../support/block.ts";
import { proves } from "../support/evidence.ts";
import { countLate, HELD_BACK_MS } from "../support/lateness.ts";
import "../support/listener.ts";
import { namespaceTest, runInNamespace } from "../support/namespace.ts";
import { scaled } from "../support/scale.ts";
import { SilentPort } from "../support/silence.ts";

const CHECKS = scaled(10_000, 2000);

for (const atOnce of [100, 2000]) {
  Deno.test(`many checks, ${atOnce} at once, don't make accept() return`, async (t) => {
    using application = new Application();
    await using checker = new Checker();
    checker.checkingLoop();
    const results: CheckResult[] = [];
    while (results.length < CHECKS) results.push(...await allUp(checker, application, atOnce));
    const accepted = await countAccepted(application, results);
    proves(t, "invisible", `${results.length} checks up; accept() returned ${accepted} times`);
  });
}

Deno.test("checks don't make accept() return while JavaScript is blocked for 500 ms", async (t) => {
  using application = new Application();
  await using checker = new Checker();
  checker.checkingLoop();
  await checker.waitReady();
  const results = allUp(checker, application, 1000);
  // The batch was sent by a microtask that was queued before this one.
  await Promise.resolve();
  blockEventLoop(500);
  const up = await results;
  const accepted = await countAccepted(application, up);
  proves(t, "invisible", `${up.length} checks up; accept() returned ${accepted} times`);
});

Deno.test("a SYN-ACK that arrives while JavaScript is blocked and results wait is not acknowledged", async (t) => {
  const silent = await SilentPort.open();
  const { port } = silent;
  await using checker = new Checker();
  checker.checkingLoop();
  const late = Promise.all(Array.from({ length: 50 }, () => checker.checkAddr(silent.target, 5000)));
  // Rejections are handled where the checks are awaited.
  late.catch(() => {});
  // The timeout of this check shows that the earlier SYNs were sent and dropped.
  assertEquals((await checker.checkAddr(silent.target, 1)).status, "timeout");
  silent[Symbol.dispose]();
  using application = new Application("127.0.0.1", port);
  const results = allUp(checker, application, 1000);
  await Promise.resolve();
  // The second SYNs are answered after 1 s, and an ACK that is not prevented is sent 200 ms later.
  blockEventLoop(1500);
  const up = await results;
  for (const result of await late) {
    assert(result.status === "up");
    assertEquals(result.retransmits, 1);
  }
  const answered = await late;
  const accepted = await countAccepted(application, [...up, ...answered]);
  proves(
    t,
    "invisible",
    `${up.length} checks up, and ${answered.length} up later; accept() returned ${accepted} times`,
  );
});

Deno.test("checks don't make accept() return while the consumer of results is slow", async () => {
  using application = new Application();
  await using checker = new Checker();
  checker.checkingLoop();
  await checker.waitReady();
  const rounds = Array.from({ length: 4 }, async () => {
    const first = await allUp(checker, application, 1);
    // JavaScript is busy while SYN-ACKs arrive, for twice the 200 ms that the kernel delays the ACK.
    const others = allUp(checker, application, 250);
    await Promise.resolve();
    blockEventLoop(400);
    return [...first, ...await others];
  });
  await countAccepted(application, (await Promise.all(rounds)).flat());
});

Deno.test("checks don't make accept() return when they are cancelled in flight", async (t) => {
  await using checker = new Checker();
  checker.checkingLoop();
  const cancelled = await quickRounds(async ({ address }) => {
    const controller = new AbortController();
    const { signal } = controller;
    const pending = Array.from({ length: 200 }, () => checker.checkAddr(address, { signal }));
    const settled = Promise.allSettled(pending);
    await Promise.race(pending);
    controller.abort();
    // The engine thread handles checks and cancellations in order. Of two concurrent checks none is made on this thread.
    await Promise.all([1, 2].map(() => checker.checkAddr("127.0.0.1:1")));
    return countRejected(await settled);
  });
  proves(t, "invisible", `${cancelled} checks cancelled in flight; accept() returned 0 times`);
});

Deno.test("checks don't make accept() return when the loop is stopped", async (t) => {
  const stopped = await quickRounds(async ({ address }) => {
    const checker = new Checker();
    checker.checkingLoop();
    const pending = Array.from({ length: 200 }, () => checker.checkAddr(address));
    const settled = Promise.allSettled(pending);
    await Promise.race(pending);
    await checker[Symbol.asyncDispose]();
    return countRejected(await settled);
  });
  proves(t, "invisible", `${stopped} checks stopped in flight; accept() returned 0 times`);
});

for (const hostname of ["127.0.0.1", "::1"]) {
  for (const atOnce of [1, 100, 2000]) {
    namespaceTest(`a check of ${hostname}, ${atOnce} at once, is one SYN, one SYN-ACK, one RST`, async (t) => {
      const { statuses, counters, accepted } = await count({ hostname, open: true, checks: CHECKS, atOnce });
      assertEquals(statuses, { up: CHECKS });
      assertEquals(counters, threeSegments(CHECKS));
      assertEquals(accepted, 0);
      proves(t, "segments", counted({ statuses, counters, accepted }));
    });
  }

  for (const atOnce of [1, 100]) {
    namespaceTest(`a check of a closed port of ${hostname}, ${atOnce} at once, is one SYN, one RST`, async (t) => {
      const { statuses, counters } = await count({ hostname, open: false, checks: CHECKS, atOnce });
      assertEquals(statuses, { refused: CHECKS });
      assertEquals(counters, {
        "Tcp.ActiveOpens": CHECKS,
        "Tcp.AttemptFails": CHECKS,
        "Tcp.InSegs": 2 * CHECKS,
        "Tcp.OutSegs": 2 * CHECKS,
        "Tcp.OutRsts": CHECKS,
      });
      proves(t, "segments", counted({ statuses, counters }));
    });
  }
}

for (const hostname of ["127.0.0.1", "::1"]) {
  namespaceTest(`a check of ${hostname} by the raw engine is three segments`, async (t) => {
    const input: Input = { engine: "raw", hostname, open: true, checks: CHECKS, atOnce: 2000 };
    const { statuses, counters, accepted } = await count(input);
    assertEquals(statuses, { up: CHECKS });
    // The kernel counts SYNs of a raw socket only when they arrive. No socket connects, so no connection is reset.
    const { "Tcp.ActiveOpens": _, "Tcp.EstabResets": __, "TcpExt.TCPDelivered": ___, ...others } = threeSegments(
      CHECKS,
    );
    assertEquals(counters, { ...others, "Tcp.OutSegs": 2 * CHECKS });
    assertEquals(accepted, 0);
    proves(t, "segments", counted({ statuses, counters, accepted }));
  });

  namespaceTest(`a check of a closed port of ${hostname} by the raw engine is two segments`, async (t) => {
    const { statuses, counters } = await count({ engine: "raw", hostname, open: false, checks: CHECKS, atOnce: 100 });
    assertEquals(statuses, { refused: CHECKS });
    assertEquals(counters, { "Tcp.InSegs": 2 * CHECKS, "Tcp.OutSegs": CHECKS, "Tcp.OutRsts": CHECKS });
    proves(t, "segments", counted({ statuses, counters }));
  });
}

namespaceTest("a check is one SYN, one SYN-ACK, one RST while JavaScript is blocked for 500 ms", async (t) => {
  const checks = 2000;
  const input = { hostname: "127.0.0.1", open: true, checks, atOnce: 1000, blocked: 500 };
  const { statuses, counters, accepted } = await count(input);
  assertEquals(statuses, { up: checks });
  assertEquals(counters, threeSegments(checks));
  assertEquals(accepted, 0);
  proves(t, "segments", counted({ statuses, counters, accepted }));
});

namespaceTest("a check with an aborted signal sends nothing", async (t) => {
  const input = { hostname: "127.0.0.1", open: true, checks: 100, atOnce: 100, aborted: true };
  const { statuses, counters, accepted } = await count(input);
  assertEquals(statuses, { AbortError: 100 });
  assertEquals(counters, {});
  assertEquals(accepted, 0);
  proves(t, "segments", counted({ statuses, counters, accepted }));
});

async function allUp(checker: Checker, application: Application, checks: number): Promise<CheckResult[]> {
  const results = await Promise.all(Array.from({ length: checks }, () => checker.checkAddr(application.address)));
  for (const result of results) assertEquals(result.status, "up");
  return results;
}

/** Asserts that accept() has returned only for checks whose RST was late. Returns the number of connections. */
async function countAccepted(application: Application, results: readonly CheckResult[]): Promise<number> {
  const accepted = await application.countAccepted();
  assert(accepted <= countLate(results), `accept() returned ${accepted} times`);
  return accepted;
}

/**
 * Makes rounds of checks, of which some have no result that could report an ACK, until 100 of them were too short for the
 * kernel to send an ACK. Asserts that accept() returned for none of these.
 *
 * @param round Makes checks, and ends after the RST of each. Returns the number of checks without a result.
 * @returns The number of checks without a result in these rounds.
 */
async function quickRounds(round: (application: Application) => Promise<number>): Promise<number> {
  let withoutResult = 0;
  for (let quick = 0, rounds = 0; quick < 100; rounds++) {
    assert(rounds < 5000, `only ${quick} rounds were quick: this machine is overloaded`);
    using application = new Application();
    const start = performance.now();
    const count = await round(application);
    const isQuick = performance.now() - start < HELD_BACK_MS;
    const accepted = await application.countAccepted();
    if (!isQuick || count === 0) continue;
    assertEquals(accepted, 0);
    quick++;
    withoutResult += count;
  }
  return withoutResult;
}

function countRejected(outcomes: PromiseSettledResult<unknown>[]): number {
  return outcomes.filter(({ status }) => status === "rejected").length;
}

/** Repeats the count after a run in which the machine was late, because such a run proves nothing about segments. */
async function count(input: Input, runs = 5): Promise<Output> {
  const output = await runInNamespace<Output>("count_packets.ts", input);
  assert((output.accepted ?? 0) <= output.late, Deno.inspect(output));
  return output.late > 0 && runs > 1 ? await count(input, runs - 1) : output;
}

/** The kernel's counts, for the evidence. */
function counted({ statuses, counters, accepted }: Omit<Output, "late">): string {
  const [[status, checks]] = Object.entries(statuses);
  const [syns, segments, resets] = ["ActiveOpens", "OutSegs", "OutRsts"].map((name) => counters[`Tcp.${name}`] ?? 0);
  const returns = accepted === undefined ? "" : `; accept() returned ${accepted} times`;
  return `${checks} checks, ${status}: ${segments} segments, of them ${syns} SYNs and ${resets} RSTs${returns}`;
}

/**
 * All counters that change when both ends are in one namespace, where each segment is both sent and received.
 *
 * Others must not change: a fourth segment would be an ACK, `PassiveOpens` an accepted connection, `RetransSegs` a
 * retransmission, `TcpExt.DelayedACKs` an expired timer of a delayed ACK.
 */
function threeSegments(checks: number): Record<string, number> {
  return {
    // SYN, SYN-ACK and RST.
    "Tcp.ActiveOpens": checks,
    "Tcp.OutRsts": checks,
    "Tcp.OutSegs": 3 * checks,
    "Tcp.InSegs": 3 * checks,
    // Our end was reset after the SYN-ACK; the listener's end was reset before the last ACK.
    "Tcp.EstabResets": checks,
    "Tcp.AttemptFails": checks,
    "TcpExt.EmbryonicRsts": checks,
    // The SYN, which the SYN-ACK acknowledges.
    "TcpExt.TCPDelivered": checks,
  };
}
