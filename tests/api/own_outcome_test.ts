/** Each of many concurrent checks gets its own outcome. */

import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { proves } from "../support/evidence.ts";
import type { CheckResult } from "../../mod.ts";
import { engineTest, newChecker } from "../support/engines.ts";
import { closedPort, OpenPort } from "../support/listener.ts";
import { scaled } from "../support/scale.ts";
import { SilentPort } from "../support/silence.ts";

const CHECKS = scaled(6000, 1000);

/** A kind of check, and its expected outcome. */
interface Case {
  address: { hostname: string; port: number };
  expected: "up" | "refused" | "timeout" | "cancelled";
  timeout: number;
  /** Whether the target never answers. */
  silent: boolean;
}

const families = [{ hostname: "127.0.0.1", family: 4 }, { hostname: "::1", family: 6 }]
  .filter(({ hostname }) => canListen(hostname));
const names = families.map(({ family }) => `IPv${family}`).join(" and ");

engineTest(`each of thousands of mixed checks at once, of ${names}, has its own outcome`, async (engine, t) => {
  using resources = new DisposableStack();
  const cases: Case[] = [];
  for (const { hostname } of families) {
    const open = Array.from({ length: 20 }, () => resources.use(new OpenPort(hostname)).port);
    const closed = Array.from({ length: 20 }, () => Number(closedPort(hostname).split(":").at(-1)))
      .filter((port) => !open.includes(port));
    const silent = resources.use(await SilentPort.open(hostname)).port;
    const add = (port: number, expected: Case["expected"], timeout: number) =>
      cases.push({ address: { hostname, port }, expected, timeout, silent: port === silent });
    for (const port of open) add(port, "up", 5000);
    for (const port of closed) add(port, "refused", 5000);
    for (let i = 0; i < 10; i++) add(silent, "timeout", 10 + 20 * i);
    for (const port of [...open.slice(0, 5), ...closed.slice(0, 5)]) add(port, "cancelled", 5000);
    for (let i = 0; i < 5; i++) add(silent, "cancelled", 5000);
  }

  await using checker = newChecker(engine);
  checker.checkingLoop();
  await checker.waitReady();
  const outcomes: Promise<string>[] = [];
  for (let i = 0; i < CHECKS; i++) outcomes.push(check(i, outcomes.at(-1)));
  const counts = Map.groupBy(await Promise.all(outcomes), (outcome) => outcome);
  assertEquals([...counts.keys()].sort(), ["cancelled", "refused", "timeout", "up"]);
  proves(t, "once", [...counts].map(([outcome, { length }]) => `${length} ${outcome}`).join(", "));

  async function check(i: number, previous: Promise<unknown> = Promise.resolve()): Promise<string> {
    const { address, expected, timeout, silent } = cases[pick(i)];
    // A unique object, which identifies the result.
    const target = { ...address };
    if (expected !== "cancelled") {
      verify(await checker.checkAddr(target, { timeout }), target, expected, timeout);
      return expected;
    }
    const reason = new Error(`check ${i} was cancelled`);
    const controller = new AbortController();
    const outcome = checker.checkAddr(target, { timeout, signal: controller.signal }).catch((error) => error);
    // Aborted before the SYN is sent or, if the target is silent, while the check is in flight and results arrive.
    if (silent) await previous;
    controller.abort(reason);
    assertStrictEquals(await outcome, reason);
    return expected;
  }

  /** A deterministic order that mixes all kinds. */
  function pick(i: number): number {
    return (i * 7919) % cases.length;
  }
});

function verify(result: CheckResult, target: Case["address"], expected: string, timeout: number): void {
  assertEquals(result.status, expected);
  assertStrictEquals(result.target, target);
  assertEquals(result.address, { ...target, family: target.hostname.includes(":") ? 6 : 4 });
  // The timeouts differ, so the duration identifies the check too.
  if (expected === "timeout") assert(result.duration >= timeout, `${result.duration} ms of ${timeout} ms`);
}

function canListen(hostname: string): boolean {
  try {
    Deno.listen({ hostname, port: 0 }).close();
    return true;
  } catch {
    return false;
  }
}
