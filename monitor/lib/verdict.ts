/**
 * The verdict: a state machine with HAProxy's counter, and flags. A pure function of the state, an observation, the
 * options and the time.
 *
 * HAProxy's counter (`set_server_check_status()` in check.c) counts consecutive results: while up a pass resets the
 * count of failures, while down a failure resets the count of passes.
 */

import { flaps } from "./flap.ts";
import type { State, VerdictState } from "./state.ts";
import type { ResolvedVerdictOptions } from "./verdict_options.ts";
import { EMPTY_WINDOW, isDegraded, push } from "./window.ts";
import type { Change, Judgement, MaintenanceChange, Observation } from "./verdict_change.ts";

const NOTHING: readonly Change[] = [];
const NO_TIMES: readonly number[] = [];

/**
 * Returns the initial state of a target.
 *
 * @param options The options of the verdict.
 * @param now The time.
 */
export function initialState({ initial, rise, fall }: ResolvedVerdictOptions, now: number): VerdictState {
  const [state, count] = ({
    "unknown": ["unknown", 0],
    "fully-up": ["up", 0],
    "up": ["up", fall - 1],
    "down": ["down", rise - 1],
    "fully-down": ["down", 0],
  } as const)[initial];
  return fresh(state, count, now);
}

/**
 * Returns the state of a target with a restored verdict. One contrary result changes it, because the results since the
 * verdict was saved are unknown.
 *
 * @param state The verdict.
 * @param since When the verdict began, on the monotonic clock; it may be negative.
 * @param options The options of the verdict.
 * @param now The time.
 */
export function restoredState(
  state: State,
  since: number,
  { rise, fall }: ResolvedVerdictOptions,
  now: number,
): VerdictState {
  const count = state === "up" ? fall - 1 : state === "down" ? rise - 1 : 0;
  return { ...fresh(state, count, now), since };
}

/**
 * Judges an observation.
 *
 * @param state The state so far.
 * @param observation The observation.
 * @param options The options of the target's verdict.
 * @param now The time; never decreasing.
 * @returns The new state, and the changes. The same object if nothing has changed.
 */
export function judge(
  state: VerdictState,
  observation: Observation,
  options: ResolvedVerdictOptions,
  now: number,
): Judgement {
  switch (observation) {
    case "maintenance-begins":
      return maintain(state, true, fresh("maintenance", 0, now), now);
    case "maintenance-ends":
      return maintain(state, false, initialState(options, now), now);
  }
  if (state.state === "maintenance" || (observation === "pass" && isSteady(state))) return { state, changes: NOTHING };
  const draft = new Draft(state, options, now);
  switch (observation) {
    case "stale":
      expire(draft);
      return { state: draft.state, changes: draft.changes };
    case "pass":
      draft.set("errors", 0);
      pass(draft);
      updateWindow(draft, 0);
      break;
    case "fail":
      fail(draft);
      updateWindow(draft, 1);
      break;
    case "report-passed":
      draft.set("errors", 0);
      break;
    case "report-failed":
      countFailedReport(draft);
  }
  const flapping = flaps(draft.state, options.flap, now);
  if (flapping !== draft.state.flapping) {
    draft.set("flapping", flapping);
    draft.add({ type: "flapping", active: flapping });
  }
  return { state: draft.state, changes: draft.changes };
}

/**
 * Returns the progress towards the opposite verdict.
 *
 * @param state The target's state.
 * @param options The options of its verdict.
 * @returns The number of consecutive contrary results, and the number needed; `undefined` if there are none, or the
 *   target is neither up nor down.
 */
export function turning(
  { state, count }: VerdictState,
  { rise, fall }: ResolvedVerdictOptions,
): { count: number; of: number } | undefined {
  if (count === 0 || state === "unknown") return undefined;
  return { count, of: state === "up" ? fall : rise };
}

/**
 * Adapts a state to new options. This is never a transition: the count is limited, so that at least one more result is
 * needed.
 *
 * @param state The state under the old options.
 * @param options The new options.
 * @returns The state under the new options.
 */
export function adopt(state: VerdictState, { rise, fall }: ResolvedVerdictOptions): VerdictState {
  const count = Math.min(state.count, (state.state === "down" ? rise : fall) - 1);
  return count === state.count ? state : { ...state, count };
}

/** Whether a pass changes nothing, as for nearly all checks. A fast path. */
function isSteady({ state, count, errors, window, transitionTimes }: VerdictState): boolean {
  return state === "up" && count === 0 && errors === 0 && window === EMPTY_WINDOW && transitionTimes.length === 0;
}

/** Mutable draft of a judgement. */
class Draft {
  state: VerdictState;
  changes: readonly Change[] = NOTHING;
  readonly options: ResolvedVerdictOptions;
  readonly now: number;
  #copy: Writable<VerdictState> | undefined;

  constructor(state: VerdictState, options: ResolvedVerdictOptions, now: number) {
    this.state = state;
    this.options = options;
    this.now = now;
  }

  /** Sets a field of the state. The state is copied before its first change. */
  set<Key extends keyof VerdictState>(key: Key, value: VerdictState[Key]): void {
    if (this.state[key] === value) return;
    this.#copy ??= { ...this.state };
    this.#copy[key] = value;
    this.state = this.#copy;
  }

  add(change: Change): void {
    this.changes = [...this.changes, change];
  }
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Makes a stale state unknown. */
function expire(draft: Draft): void {
  if (draft.state.state !== "unknown") changeState(draft, "unknown", 0);
  else draft.set("count", 0);
}

function pass(draft: Draft): void {
  const { state, count } = draft.state;
  const { rise } = draft.options;
  if (state === "unknown") changeState(draft, "up", 1);
  else if (state === "up") draft.set("count", 0);
  else if (count + 1 < rise) draft.set("count", count + 1);
  else changeState(draft, "up", rise);
}

function fail(draft: Draft): void {
  const { state, count } = draft.state;
  const { fall } = draft.options;
  if (state === "down") draft.set("count", 0);
  else if (count + 1 < fall) draft.set("count", count + 1);
  else changeState(draft, "down", fall);
}

/** Counts a failed report. Ignored unless the target is up, because only checks bring a target up. */
function countFailedReport(draft: Draft): void {
  const { state, errors, count } = draft.state;
  if (state !== "up") return;
  const { errorLimit, onError, fall } = draft.options;
  if (errors + 1 < errorLimit) return draft.set("errors", errors + 1);
  draft.set("errors", 0);
  draft.add({ type: "error-limit" });
  if (onError === "fastinter") return;
  // After the failed check below, mark-down is down, and sudden-death needs one more failure.
  const least = onError === "mark-down" ? fall - 1 : onError === "sudden-death" ? fall - 2 : 0;
  draft.set("count", Math.max(count, least));
  fail(draft);
}

function changeState(draft: Draft, to: "unknown" | "up" | "down", of: number): void {
  const { state: { state: from, since, transitionTimes }, now, options: { flap } } = draft;
  const isTransition = from !== "unknown" && to !== "unknown";
  draft.set("state", to);
  draft.set("since", now);
  draft.set("count", 0);
  draft.set("errors", 0);
  draft.set("window", EMPTY_WINDOW);
  draft.set("degraded", false);
  if (isTransition) draft.set("transitionTimes", [...transitionTimes, now].slice(-flap.transitions));
  draft.add({ type: "transition", from, to, count: of, of, duration: now - since, initial: from === "unknown" });
}

/** Adds a result to the window, unless it caused a transition. */
function updateWindow(draft: Draft, failures: 0 | 1): void {
  const { state: { state, window, degraded }, options } = draft;
  // The only change so far can be a transition.
  if (state !== "up" || draft.changes.length > 0) return;
  const after = push(window, failures, options.window);
  const active = isDegraded(after, degraded, options.window);
  draft.set("window", after);
  if (active === degraded) return;
  draft.set("degraded", active);
  draft.add({ type: "degraded", active });
}

function maintain(before: VerdictState, active: boolean, after: VerdictState, now: number): Judgement {
  if ((before.state === "maintenance") === active) return { state: before, changes: NOTHING };
  const change: MaintenanceChange = {
    type: "maintenance",
    active,
    from: before.state,
    to: after.state,
    duration: now - before.since,
  };
  return { state: after, changes: [change] };
}

function fresh(state: State, count: number, now: number): VerdictState {
  return {
    state,
    since: now,
    count,
    errors: 0,
    window: EMPTY_WINDOW,
    degraded: false,
    transitionTimes: NO_TIMES,
    flapping: false,
  };
}
