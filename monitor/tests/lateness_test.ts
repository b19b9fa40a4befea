/** The summary of how late checks begin. */

import { assertEquals } from "@std/assert";
import { Lateness } from "../lib/lateness.ts";

Deno.test("lateness is zero before the first check", () => {
  assertEquals(new Lateness().summary(), { count: 0, sum: 0, p50: 0, p99: 0, max: 0 });
});

Deno.test("quantiles are rounded up to a ms, but not above the largest", () => {
  const lateness = new Lateness();
  for (let i = 0; i < 98; i++) lateness.add(i < 49 ? 0.25 : 1.5);
  for (const late of [20, 500]) lateness.add(late);
  assertEquals(lateness.summary(), { count: 100, sum: 49 * 1.75 + 520, p50: 2, p99: 21, max: 500 });
  const one = new Lateness();
  one.add(0.25);
  assertEquals(one.summary(), { count: 1, sum: 0.25, p50: 0.25, p99: 0.25, max: 0.25 });
});
