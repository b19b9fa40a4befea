/** Options are validated, and have defaults. */

import { assertEquals } from "@std/assert";
import { Problems } from "../lib/problems.ts";
import { type IntervalOptions, resolveIntervals } from "../lib/schedule_options.ts";
import { DEFAULT_VERDICT, resolveVerdict, type VerdictOptions } from "../lib/verdict_options.ts";

function verdict(options: unknown, times: IntervalOptions = {}) {
  const problems = new Problems();
  const resolved = resolveVerdict(options as VerdictOptions, resolveIntervals(times, problems), problems);
  return { resolved, problems: problems.messages };
}

function intervals(options: unknown) {
  const problems = new Problems();
  return { resolved: resolveIntervals(options as IntervalOptions, problems), problems: problems.messages };
}

Deno.test("the defaults of the verdict match the docs", () => {
  assertEquals(verdict({}), { resolved: DEFAULT_VERDICT, problems: [] });
  assertEquals(verdict({}, { interval: 30_000 }).resolved.staleAfter, 300_000);
  assertEquals(verdict({}, { downInterval: 120_000 }).resolved.staleAfter, 1_200_000);
});

Deno.test("the defaults of the intervals match the docs", () => {
  const resolved = { interval: 2000, fastInterval: 2000, downInterval: 2000, timeout: 1000 };
  assertEquals(intervals({}), { resolved, problems: [] });
  const short = { interval: 500, fastInterval: 500, downInterval: 500, timeout: 500 };
  assertEquals(intervals({ interval: 500 }), { resolved: short, problems: [] });
  const all = { interval: 5000, fastInterval: 500, downInterval: 60_000, timeout: 5000 };
  assertEquals(intervals(all), { resolved: all, problems: [] });
});

Deno.test("all invalid options are reported, with their values", () => {
  const { problems } = verdict({
    rise: 0,
    fall: 1.5,
    initial: "sideways",
    staleAfter: 100,
    window: { failures: 11, of: 10 },
    flap: { transitions: "6", within: 0 },
    errorLimit: NaN,
    onError: "\x9b2J",
  });
  assertEquals(
    problems,
    [
      "rise must be an integer of at least 1, it is 0",
      "fall must be an integer of at least 1, it is 1.5",
      'initial must be one of "unknown", "fully-up", "up", "down", "fully-down", it is "sideways"',
      "staleAfter must be a number of at least 2000, it is 100",
      "window.failures must be an integer from 1 to 10, it is 11",
      'flap.transitions must be an integer of at least 1, it is "6"',
      "flap.within must be a number of at least 1, it is 0",
      "errorLimit must be an integer of at least 1, it is NaN",
      'onError must be one of "fastinter", "fail-check", "sudden-death", "mark-down", it is "\\u009b2J"',
    ].toSorted((a, b) => problems.indexOf(a) - problems.indexOf(b)),
  );
  assertEquals(verdict({ window: { failures: 1, of: 31 } }).problems, [
    "window.of must be an integer from 1 to 30, it is 31",
  ]);
  assertEquals(verdict({ window: null }).problems, [
    "window.of must be an integer from 1 to 30, it is undefined",
    "window.failures must be an integer from 1 to 1, it is undefined",
  ]);
  assertEquals(intervals({ interval: 0, fastInterval: -1, downInterval: "2s" }).problems, [
    "interval must be a number from 10 to 2147483647, it is 0",
    "fastInterval must be a number from 10 to 2147483647, it is -1",
    'downInterval must be a number from 10 to 2147483647, it is "2s"',
  ]);
});

Deno.test("a timeout above the interval is rejected", () => {
  assertEquals(intervals({ interval: 500, timeout: 501 }).problems, [
    "timeout must be at most interval, 500 ms, it is 501",
  ]);
  assertEquals(intervals({ timeout: 0 }).problems, ["timeout must be a number from 1 to 2147483647, it is 0"]);
  assertEquals(intervals({ timeout: 0.5 }).problems, []);
  assertEquals(intervals({ interval: 2000, fastInterval: 100, timeout: 2000 }).problems, []);
});
