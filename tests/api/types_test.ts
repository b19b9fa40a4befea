/** Generic types of the API: this file would not compile if they were wrong. */

import { assertEquals, assertStrictEquals } from "@std/assert";
import {
  checkAddr,
  Checker,
  type CheckResult,
  type CheckTarget,
  defaultChecker,
  type Engine,
  type Mode,
  type Status,
  waitUntil,
} from "../../mod.ts";
import { closedPort } from "../support/listener.ts";

interface Backend {
  readonly hostname: string;
  readonly port: number;
  readonly weight: number;
}

function closedBackends(): Backend[] {
  return [1, 2].map((weight) => ({ hostname: "127.0.0.1", port: Number(closedPort().split(":")[1]), weight }));
}

Deno.test("the result of checkAddr() has the target's own type, and is the same object", async () => {
  await using _checker = defaultChecker();
  const [backend] = closedBackends();
  const result: CheckResult<Backend> = await checkAddr(backend);
  const weight: number = result.target.weight;
  assertEquals(weight, 1);
  assertStrictEquals(result.target, backend);
  if (result.status === "refused") {
    // Narrowing by status keeps the target's type.
    const narrowed: Backend = result.target;
    assertStrictEquals(narrowed, backend);
  }
});

Deno.test("results of checkAll() have the targets' own type, of sync and async iterables", async () => {
  await using checker = await Checker.start();
  const backends = closedBackends();
  const weights: number[] = [];
  for await (const { target } of checker.checkAll(backends)) weights.push(target.weight);
  async function* later() {
    for (const backend of backends) yield await Promise.resolve(backend);
  }
  for await (const { target } of checker.checkAll(later())) weights.push(target.weight);
  assertEquals(weights.toSorted(), [1, 1, 2, 2]);
});

Deno.test("results of two targets as text have the same type", async () => {
  await using checker = await Checker.start();
  let result = await checkAddr("127.0.0.1:1");
  result = await checkAddr("127.0.0.1:2");
  assertEquals(result.target, "127.0.0.1:2");
  let waited = await checker.waitUntil("127.0.0.1:1", { state: "down" });
  waited = await waitUntil("127.0.0.1:2", { state: "down" });
  assertEquals(waited.target, "127.0.0.1:2");
  let prepared = checker.prepare("127.0.0.1:1");
  prepared = checker.prepare("127.0.0.1:2");
  result = await prepared.run();
  assertEquals(result.target, "127.0.0.1:2");
  for await (const each of checker.checkAll(["127.0.0.1:1", "127.0.0.1:2"])) result = each;
  const [backend] = closedBackends();
  // For text and objects the type is a union with the object's own type.
  const mixed = await checkAddr(Math.random() < 2 ? backend : "127.0.0.1:1");
  assertEquals(typeof mixed.target === "string" ? 0 : mixed.target.weight, 1);
  await defaultChecker()[Symbol.asyncDispose]();
});

Deno.test("a result with a type of target is assignable to the default result type", async () => {
  await using _checker = defaultChecker();
  const text: CheckResult<string> = await checkAddr(closedPort());
  const any: CheckResult = text;
  const target: CheckTarget = any.target;
  assertStrictEquals(target, text.target);
  const reported: [Status, Engine, Mode] = [any.status, any.engine, any.mode];
  assertEquals(reported, ["refused", "socket", "half-open"]);
  // @ts-expect-error: there is no such status
  const none: Status = "open";
  assertEquals(none, "open");
});
