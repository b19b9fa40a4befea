/** The verdict: the examples of its documentation. */

import { assertEquals, assertStrictEquals } from "@std/assert";
import { intervalKind, type State, type VerdictState } from "../lib/state.ts";
import type { Change, Observation } from "../lib/verdict_change.ts";
import { adopt, initialState, judge, restoredState, turning } from "../lib/verdict.ts";
import { DEFAULT_VERDICT, type ResolvedVerdictOptions } from "../lib/verdict_options.ts";

type Options = Partial<ResolvedVerdictOptions>;

/** P is a check that passed, F one that failed, N a neutral one; p and f are reports. */
const LETTERS: Record<string, Observation> = {
  P: "pass",
  F: "fail",
  N: "neutral",
  p: "report-passed",
  f: "report-failed",
  "[": "maintenance-begins",
  "]": "maintenance-ends",
};

/** Judges observations 2 s apart. */
function observe(letters: string, options: Options = {}, from?: VerdictState, start = (from?.since ?? 0) + 1000) {
  const all = { ...DEFAULT_VERDICT, ...options };
  let now = start;
  let state = from ?? initialState(all, now);
  const changes: Change[] = [];
  let states = "";
  for (const letter of letters) {
    now += 2000;
    const judgement = judge(state, LETTERS[letter], all, now);
    state = judgement.state;
    changes.push(...judgement.changes);
    states += state.state === "unknown" ? "?" : state.state[0];
  }
  return { state, changes, states, turning: turning(state, all), intervalKind: intervalKind(state), now };
}

Deno.test("transitions need strictly consecutive results", () => {
  assertEquals(observe("PFFPFFPFFF").states, "uuuuuuuuud");
  assertEquals(observe("FFFPFPFPPP").states, "??dddddduu");
});

Deno.test("the first verdict needs one pass, or `fall` consecutive failures", () => {
  assertEquals(observe("P").changes, [
    { type: "transition", from: "unknown", to: "up", count: 1, of: 1, duration: 2000, initial: true },
  ]);
  assertEquals(observe("FFP").states, "??u");
  assertEquals(observe("FFNF").changes, [
    { type: "transition", from: "unknown", to: "down", count: 3, of: 3, duration: 8000, initial: true },
  ]);
});

Deno.test("each initial state needs its number of results to change", () => {
  const states = (initial: Options["initial"], letters: string) => observe(letters, { initial }).states;
  assertEquals(states("fully-up", "FFF"), "uud");
  assertEquals(states("up", "F"), "d");
  assertEquals(states("up", "PFFF"), "uuud");
  assertEquals(states("down", "P"), "u");
  assertEquals(states("down", "FPP"), "ddu");
  assertEquals(states("fully-down", "PP"), "du");
});

Deno.test("turning counts contrary results, and the interval follows them", () => {
  const options: Options = { rise: 3, fall: 4 };
  const at = (letters: string) => [observe(letters, options).turning, observe(letters, options).intervalKind];
  assertEquals(at(""), [undefined, "fastInterval"]);
  assertEquals(at("FF"), [undefined, "fastInterval"]);
  assertEquals(at("P"), [undefined, "interval"]);
  assertEquals(at("PF"), [{ count: 1, of: 4 }, "fastInterval"]);
  assertEquals(at("PFFF"), [{ count: 3, of: 4 }, "fastInterval"]);
  assertEquals(at("PFFFF"), [undefined, "downInterval"]);
  assertEquals(at("PFFFFPP"), [{ count: 2, of: 3 }, "fastInterval"]);
  assertEquals(at("PFFFFPPF"), [undefined, "downInterval"]);
});

Deno.test("a result that changes nothing returns the same state", () => {
  for (const letters of ["PP", "PFFFPP", "PFFF", "FFF"]) {
    const { state, now } = observe(letters);
    const same = state.state === "up" ? "pass" : "fail";
    assertStrictEquals(judge(state, same, DEFAULT_VERDICT, now + 1).state, state);
  }
});

Deno.test("neutral results change nothing, and return the same state", () => {
  const { state, now } = observe("PFF");
  assertStrictEquals(judge(state, "neutral", DEFAULT_VERDICT, now + 1).state, state);
  assertEquals(observe("PFNFNNNF").states, "uuuuuuud");
});

Deno.test("after staleAfter without a pass or failure the state is unknown, and the count restarts", () => {
  const options = { ...DEFAULT_VERDICT, staleAfter: 60_000 };
  for (const [letters, from] of [["P", "up"], ["FFF", "down"]] as const) {
    const { state, now } = observe(letters);
    const { state: stale, changes } = judge(state, "stale", options, now + 60_000);
    assertEquals(changes, [
      { type: "transition", from, to: "unknown", count: 0, of: 0, duration: 60_000, initial: false },
    ]);
    assertStrictEquals(judge(stale, "stale", options, now + 120_000).state, stale);
    assertEquals(observe("FFF", {}, stale).states, "??d");
  }
  // Failures before a gap do not count for a verdict after it.
  const { state, now } = observe("FF");
  const { state: later } = judge(state, "stale", options, now + 60_000);
  assertEquals([state.count, later.state, later.count], [2, "unknown", 0]);
});

Deno.test("a target that loses every third SYN is degraded, and has no transition", () => {
  const { states, changes, state } = observe("P" + "FPP".repeat(66));
  assertEquals(new Set(states.slice(1)), new Set("u"));
  assertEquals(changes.map(({ type }) => type), ["transition", "degraded"]);
  assertEquals(state.degraded, true);
});

Deno.test("degraded ends at half as many failures, or without an event at a transition", () => {
  const degraded = observe("PFPFPF");
  assertEquals(degraded.changes.at(-1), { type: "degraded", active: true });
  const healed = observe("PPPPPPPP", {}, degraded.state);
  assertEquals(healed.changes, [{ type: "degraded", active: false }]);
  const down = observe("FF", {}, degraded.state);
  assertEquals(down.changes.map(({ type }) => type), ["transition"]);
  assertEquals(down.state.degraded, false);
  assertEquals(observe("PFFF").changes.map(({ type }) => type), ["transition", "transition"]);
});

Deno.test("a target flaps from six transitions within ten minutes until there are fewer than three", () => {
  const flapping = observe("P" + "FFFPP".repeat(3));
  assertEquals(flapping.changes.at(-2)?.type, "transition");
  assertEquals(flapping.changes.at(-1), { type: "flapping", active: true });
  // The transition two before the last one was 10 s earlier.
  const times = flapping.state.transitionTimes;
  const { state } = flapping;
  const options = { ...DEFAULT_VERDICT, staleAfter: Infinity };
  const third = times.at(-3)!;
  assertEquals(judge(state, "pass", options, third + 600_000).changes, []);
  assertEquals(judge(state, "pass", options, third + 600_001).changes, [{ type: "flapping", active: false }]);
});

Deno.test("ten consecutive failed reports have the effect of onError, once", () => {
  const ten = "f".repeat(10);
  const outcome = (onError: Options["onError"], letters: string, options: Options = {}) => {
    const { changes, turning } = observe(letters, { onError, fall: 4, ...options });
    return [changes.slice(1).map(({ type }) => type).join(" "), turning?.count ?? 0];
  };
  assertEquals(outcome("fastinter", `P${ten}`), ["error-limit", 0]);
  assertEquals(outcome("fail-check", `P${ten}`), ["error-limit", 1]);
  assertEquals(outcome("fail-check", `P${ten}${ten}`), ["error-limit error-limit", 2]);
  assertEquals(outcome("sudden-death", `P${ten}`), ["error-limit", 3]);
  assertEquals(outcome("sudden-death", `P${ten}F`), ["error-limit transition", 0]);
  assertEquals(outcome("sudden-death", `P${ten}P`), ["error-limit", 0]);
  assertEquals(outcome("mark-down", `P${ten}`), ["error-limit transition", 0]);
  // A pass of either kind starts the count again, a failed check doesn't.
  assertEquals(outcome("mark-down", "PfffffffffPf"), ["", 0]);
  assertEquals(outcome("mark-down", "Pfffffffffpf"), ["", 0]);
  assertEquals(outcome("mark-down", "PfffffffffFf"), ["error-limit transition", 0]);
});

Deno.test("reports change nothing while a target is not up", () => {
  for (const letters of ["", "FFF", "FFFP", "P["]) {
    const before = observe(letters, { errorLimit: 1, onError: "mark-down" });
    const after = observe("fffpff", { errorLimit: 1, onError: "mark-down" }, before.state);
    assertEquals(after.changes, []);
    assertStrictEquals(after.state, before.state);
  }
});

Deno.test("results in maintenance are ignored, and afterwards the target has its initial state", () => {
  const { changes, states, state } = observe("PFF[FFFPNf]F");
  assertEquals(states, "uuummmmmmm??");
  assertEquals(changes.slice(1), [
    { type: "maintenance", active: true, from: "up", to: "maintenance", duration: 6000 },
    { type: "maintenance", active: false, from: "maintenance", to: "unknown", duration: 14_000 },
  ]);
  assertEquals(state.count, 1);
  assertEquals(observe("P[]", { initial: "down" }).state.state, "down");
  const { state: begun } = observe("P[");
  assertStrictEquals(judge(begun, "maintenance-begins", DEFAULT_VERDICT, 1e9).state, begun);
});

Deno.test("maintenance ends the flags", () => {
  const { state, changes } = observe("P" + "FFFPP".repeat(3) + "FPFPF[");
  assertEquals(changes.slice(-2).map(({ type }) => type), ["degraded", "maintenance"]);
  assertEquals([state.degraded, state.flapping, state.transitionTimes], [false, false, []]);
});

Deno.test("changed thresholds cause no transition, and at least one more result is needed", () => {
  const { state: almostDown } = observe("PFFFFF", { fall: 6 });
  for (const [fall, count] of [[6, 5], [8, 5], [3, 2], [1, 0]]) {
    const options = { ...DEFAULT_VERDICT, fall };
    const adopted = adopt(almostDown, options);
    assertEquals([adopted.state, adopted.count], ["up", count]);
    assertEquals(observe("F", options, adopted).states, fall === 8 ? "u" : "d");
  }
  const { state: almostUp } = observe("FFFPPP", { rise: 4 });
  const options = { ...DEFAULT_VERDICT, rise: 2 };
  assertEquals(adopt(almostUp, options).count, 1);
  assertEquals(observe("P", options, adopt(almostUp, options)).states, "u");
  const { state: unknown } = observe("FFF", { fall: 4 });
  assertEquals(adopt(unknown, { ...DEFAULT_VERDICT, fall: 2 }).count, 1);
});

Deno.test("a restored target keeps its verdict until one contrary result", () => {
  const restored = (state: State) => restoredState(state, -50_000, DEFAULT_VERDICT, 10_000);
  assertEquals(observe("F", {}, restored("up"), 10_000).changes, [
    { type: "transition", from: "up", to: "down", count: 3, of: 3, duration: 62_000, initial: false },
  ]);
  assertEquals(observe("PFFF", {}, restored("up")).states, "uuud");
  assertEquals(observe("P", {}, restored("down")).states, "u");
  assertEquals(observe("FPP", {}, restored("down")).states, "ddu");
  assertEquals(observe("FFF", {}, restored("unknown")).states, "??d");
  assertEquals(observe("FP", {}, restored("maintenance")).states, "mm");
});
