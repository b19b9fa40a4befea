import { assert, assertEquals } from "@std/assert";
import { Schedule, ScheduledTarget } from "../lib/schedule.ts";
import { intervalKind, type VerdictState } from "../lib/state.ts";
import { initialState, judge } from "../lib/verdict.ts";
import { DEFAULT_VERDICT, type ResolvedVerdictOptions } from "../lib/verdict_options.ts";
import { detectionTime, type Settings } from "../tools/detection.ts";
import { checksPerFalseAlarm } from "../tools/false_alarms.ts";
import { withTables } from "../tools/thresholds.ts";
import { Random } from "./support/random.ts";
import { scaled } from "../../tests/support/scale.ts";

const PAGE = new URL("../docs/thresholds.md", import.meta.url);

Deno.test("the tables of docs/thresholds.md match the computed ones", async () => {
  const page = await Deno.readTextFile(PAGE);
  assertEquals(
    page,
    withTables(page),
    "run deno run --allow-read --allow-write=monitor/docs monitor/tools/thresholds.ts",
  );
});

for (const failure of [0.02, 0.2, 0.5]) {
  for (const [rise, fall] of [[1, 1], [2, 2], [2, 3], [3, 2]]) {
    Deno.test(`judge() makes false alarms as often as computed: failure ${failure}, rise ${rise}, fall ${fall}`, () => {
      const CHECKS = scaled(500_000, 100_000);
      const expected = CHECKS / checksPerFalseAlarm(failure, rise, fall);
      const seen = falseAlarms(failure, { ...DEFAULT_VERDICT, rise, fall, initial: "fully-up" }, CHECKS);
      // The waits for runs vary by less than their mean, so the count varies by less than its root.
      assert(Math.abs(seen - expected) <= 5 * Math.sqrt(expected), `${seen} false alarms, ${expected} expected`);
    });
  }
}

/** Judges a target that is up, some of whose checks fail at random. Returns how often it went down. */
function falseAlarms(failure: number, options: ResolvedVerdictOptions, checks: number): number {
  const random = new Random(7);
  let state = initialState(options, 0);
  let alarms = 0;
  for (let i = 1; i <= checks; i++) {
    const judgement = judge(state, random.share() < failure ? "fail" : "pass", options, i * 2000);
    state = judgement.state;
    if (judgement.changes.some((change) => change.type === "transition" && change.to === "down")) alarms++;
  }
  return alarms;
}

const SETTINGS: Settings[] = [
  { interval: 2000, fastInterval: 2000, timeout: 1000, fall: 3, spread: 0.05 },
  { interval: 2000, fastInterval: 500, timeout: 1000, fall: 3, spread: 0.05 },
  { interval: 2000, fastInterval: 1000, timeout: 1000, fall: 4, spread: 0.2 },
  { interval: 1000, fastInterval: 300, timeout: 100, fall: 1, spread: 0 },
];

for (const settings of SETTINGS) {
  for (const failsAfter of [0, settings.timeout]) {
    const { interval, fastInterval, fall, spread } = settings;
    const name =
      `${interval} ms, fast ${fastInterval} ms, fall ${fall}, spread ${spread}, failing after ${failsAfter} ms`;
    Deno.test(`the schedule and judge() detect in the time computed: ${name}`, () => {
      const { mean, worst } = detectionTime(settings, failsAfter);
      const times = detections(settings, failsAfter, scaled(4000, 1000));
      const seen = times.reduce((a, b) => a + b) / times.length;
      // Five standard errors: the wait for the first check is uniform, so it deviates by interval / √12.
      const error = 5 * interval / Math.sqrt(12 * times.length);
      assert(Math.abs(seen - mean) <= error, `${seen} ms on average, ${mean} expected`);
      const longest = Math.max(...times);
      assert(longest <= worst + 1, `${longest} ms at most, ${worst} expected`);
      assert(longest >= worst * 0.9, `${longest} ms at most, which is far from ${worst}`);
    });
  }
}

/** Simulates an outage of each of some targets with the real schedule and verdict. Returns the times to detect. */
function detections({ fall, spread, ...intervals }: Settings, failsAfter: number, targets: number): number[] {
  const random = new Random(11);
  const options: ResolvedVerdictOptions = { ...DEFAULT_VERDICT, fall, initial: "fully-up" };
  const schedule = new Schedule<{ start: number; state: VerdictState }>({ seed: 0, spread }, 0);
  for (let i = 0; i < targets; i++) {
    const state = initialState(options, 0);
    const target = { start: (5 + random.share()) * intervals.interval, state };
    const scheduled = new ScheduledTarget(
      target,
      { ...intervals, downInterval: intervals.interval },
      intervalKind(state),
    );
    schedule.add(scheduled, `target ${i}`, 0);
  }
  const times: number[] = [];
  for (let now = 0; times.length < targets; now = schedule.nextDue()) {
    for (const scheduled of schedule.begin(now)) {
      const { item } = scheduled;
      const isDown = now >= item.start;
      const end = isDown ? now + failsAfter : now;
      item.state = judge(item.state, isDown ? "fail" : "pass", options, end).state;
      if (item.state.state === "down") {
        times.push(end - item.start);
        schedule.remove(scheduled);
      } else schedule.end(scheduled, intervalKind(item.state), end);
    }
  }
  return times;
}
