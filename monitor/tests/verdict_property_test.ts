/** The verdict against a naive model, with random options and observations. */

import { assert, assertEquals } from "@std/assert";
import { intervalKind, type VerdictState } from "../lib/state.ts";
import type { Change, Observation } from "../lib/verdict_change.ts";
import { initialState, judge, turning } from "../lib/verdict.ts";
import type { ResolvedVerdictOptions } from "../lib/verdict_options.ts";
import { NaiveVerdict } from "./support/naive_verdict.ts";
import { Random } from "./support/random.ts";
import { scaled } from "../../tests/support/scale.ts";

const RUNS = scaled(3000, 600);
const STEPS = 300;

function randomOptions(random: Random): ResolvedVerdictOptions {
  const of = random.integer(1, 30);
  return {
    rise: random.integer(1, 5),
    fall: random.integer(1, 5),
    initial: random.pick(["unknown", "fully-up", "up", "down", "fully-down"]),
    staleAfter: random.pick([500, 60_000]),
    window: { failures: random.integer(1, Math.min(of, 6)), of },
    flap: { transitions: random.integer(1, 8), within: random.pick([100, 1000, 600_000]) },
    errorLimit: random.integer(1, 6),
    onError: random.pick(["fastinter", "fail-check", "sudden-death", "mark-down"]),
  };
}

function randomObservation(random: Random, passes: number, reports: number): Observation {
  const share = random.share();
  if (share < 0.02) return random.pick(["maintenance-begins", "maintenance-ends", "maintenance-ends"]);
  if (share < 0.15) return "neutral";
  if (share < 0.15 + reports) return random.share() < 0.15 ? "report-passed" : "report-failed";
  return random.share() < passes ? "pass" : "fail";
}

function line(change: Change): string {
  switch (change.type) {
    case "transition": {
      const { from, to, count, of, duration, initial } = change;
      assertEquals(initial, from === "unknown");
      return `${from} -> ${to} after ${count} of ${of}, ${duration} ms`;
    }
    case "maintenance": {
      const { active, from, to, duration } = change;
      return `maintenance ${active}: ${from} -> ${to}, ${duration} ms`;
    }
    case "error-limit":
      return change.type;
    default:
      return `${change.type} ${change.active ? "begins" : "ends"}`;
  }
}

function describe(
  { state, since, degraded, flapping }: Pick<VerdictState, "since" | "degraded" | "flapping"> & { state: string },
  intervalKind: string,
  turning: { count: number; of: number } | undefined,
): string {
  return `${state} since ${since} ${degraded} ${flapping} ${intervalKind} ${turning?.count} of ${turning?.of}`;
}

Deno.test("the verdict matches a naive model, for any observations and options", () => {
  const happened = new Map<string, number>();
  for (let seed = 0; seed < RUNS; seed++) {
    const random = new Random(seed);
    const options = randomOptions(random);
    let now = random.integer(0, 1e6);
    const naive = new NaiveVerdict(options, now);
    let state = Object.freeze(initialState(options, now));
    let heardAt = now;
    let [passes, reports] = [0.5, 0];
    for (let step = 0; step < STEPS; step++) {
      if (random.share() < 0.05) [passes, reports] = [random.pick([0, 0.3, 0.5, 0.7, 1]), random.pick([0, 0, 0.5])];
      now += random.pick([0, 1, 10, 10, 10, 10, 10, 10, 10, random.share() < 0.1 ? 600 : 20]);
      const observation = randomObservation(random, passes, reports);
      const stale = now - heardAt >= options.staleAfter ? judge(state, "stale", options, now) : { state, changes: [] };
      const { state: next, changes: ofObservation } = judge(Object.freeze(stale.state), observation, options, now);
      const changes = [...stale.changes, ...ofObservation];
      const isMaintenance = ofObservation.some(({ type }) => type === "maintenance");
      if (observation === "pass" || observation === "fail" || isMaintenance) heardAt = now;
      // Returned states are immutable.
      state = Object.freeze(next);
      const lines = changes.map(line);
      const seen = [...lines, describe(state, intervalKind(state), turning(state, options))];
      const expected = [...naive.observe(observation, now), describe(naive, naive.intervalKind, naive.turning)];
      // assertEquals() would take most of the time.
      if (seen.join() !== expected.join()) {
        assertEquals(seen, expected, `seed ${seed}, step ${step}, ${observation}, ${JSON.stringify(options)}`);
      }
      for (const text of lines) {
        const kind = text.replaceAll(/ after .*|, .*/g, "");
        happened.set(kind, (happened.get(kind) ?? 0) + 1);
      }
    }
  }
  const kinds = [
    ...["unknown -> up", "unknown -> down", "up -> down", "down -> up", "up -> unknown", "down -> unknown"],
    ...["degraded begins", "degraded ends", "flapping begins", "flapping ends", "error-limit"],
    ...["unknown", "up", "down"].map((from) => `maintenance true: ${from} -> maintenance`),
    ...["unknown", "up", "down"].map((to) => `maintenance false: maintenance -> ${to}`),
  ];
  assertEquals([...happened.keys()].sort(), kinds.sort());
  for (const [kind, count] of happened) assert(count > RUNS / 75, `${kind} happened ${count} times only`);
});
