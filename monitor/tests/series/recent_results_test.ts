import { assert, assertEquals } from "@std/assert";
import { Monitor } from "../../lib/monitor.ts";
import { RecentResults } from "../../lib/series/recent_results.ts";
import { rttPoints } from "../../lib/series/rtt_points.ts";
import { ResultRing } from "../../lib/series/result_ring.ts";
import { HeldClock } from "../support/held_clock.ts";
import { type Finding, ScriptedProber } from "../support/scripted_prober.ts";

Deno.test("a ring keeps the newest results, in order", () => {
  const ring = new ResultRing();
  for (let at = 0; at < 100; at++) ring.add(at, "pass", at, 40);
  assertEquals(ring.results().map(({ at }) => at), Array.from({ length: 40 }, (_, i) => 60 + i));
  assertEquals(ring.results()[0], { at: 60, outcome: "pass", rtt: 60 });
});

Deno.test("a ring keeps the outcome of each result", () => {
  const ring = new ResultRing();
  ring.add(1, "pass", 0, 10);
  ring.add(2, "fail", undefined, 10);
  ring.add(3, "neutral", undefined, 10);
  assertEquals(ring.results(), [
    { at: 1, outcome: "pass", rtt: 0 },
    { at: 2, outcome: "fail" },
    { at: 3, outcome: "neutral" },
  ]);
});

Deno.test("a ring whose capacity shrinks keeps the newest results", () => {
  const ring = new ResultRing();
  for (let at = 0; at < 50; at++) ring.add(at, "fail", undefined, 32);
  ring.add(50, "fail", undefined, 5);
  ring.add(51, "fail", undefined, 5);
  assertEquals(ring.results().map(({ at }) => at), [47, 48, 49, 50, 51]);
});

Deno.test("targets share the memory of the rings", () => {
  const recent = new RecentResults();
  recent.checked("first", "neutral", 0, undefined);
  const alone = recent.capacity;
  for (let i = 0; i < 100_000; i++) recent.checked(`target ${i}`, "neutral", 0, undefined);
  assert(recent.capacity < alone);
  assert(recent.capacity * 100_001 * ResultRing.BYTES_PER_RESULT <= 64 * 2 ** 20);
});

Deno.test("a monitor's recent results are kept until the target is removed", async () => {
  const clock = new HeldClock();
  const recent = new RecentResults(clock);
  let finding: Finding = "up";
  const parts = { clock, prober: new ScriptedProber(() => finding), observers: [recent] };
  await using monitor = await Monitor.start([{ target: "192.0.2.1:1", id: "db" }], { spread: 0 }, parts);
  await clock.pass(2000);
  finding = "refused";
  await clock.pass(2000);
  finding = "local-error";
  await clock.pass(2000);
  const results = recent.results("db");
  assertEquals(results.map(({ outcome }) => outcome), ["pass", "fail", "neutral"]);
  assertEquals(results[0].rtt, Math.fround(0.1));
  assertEquals(results[2].at - results[1].at, 2000);
  monitor.remove("db");
  assertEquals(recent.results("db"), []);
});

Deno.test("the points of a series have the nearest-rank quantiles of each step", () => {
  const results = Array.from({ length: 100 }, (_, i) => ({ at: i, outcome: "pass" as const, rtt: 100 - i }));
  const lost = { at: 150, outcome: "fail" as const };
  assertEquals(rttPoints([...results, lost], 0, 250, 100), [
    { at: 0, pass: 100, fail: 0, neutral: 0, p50: 50, p95: 95 },
    { at: 100, pass: 0, fail: 1, neutral: 0 },
    { at: 200, pass: 0, fail: 0, neutral: 0 },
  ]);
});
