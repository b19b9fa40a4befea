/** Timelines of targets: their states over time, from the events in memory. */

import type { StateTimes } from "../history/uptime.ts";
import type { State } from "../state.ts";
import type { TargetState } from "../target_state.ts";
import type { MonitorEvent } from "../event.ts";

/** A period in one state. */
export interface Span {
  readonly state: State;
  /** The start, in ms since 1970. */
  readonly from: number;
  /** The end. */
  readonly to: number;
}

/**
 * Computes the timelines of targets, back to their start or to the oldest event.
 *
 * @param states The targets.
 * @param events Events, oldest first.
 * @param now The present, in ms since 1970.
 * @returns Spans by the target's id, newest first.
 */
export function timelinesOf(
  states: Iterable<TargetState>,
  events: readonly { readonly event: MonitorEvent }[],
  now: number,
): Map<string, Span[]> {
  const timelines = new Map<string, Span[]>();
  for (const { id, state, since } of states) {
    timelines.set(id, [{ state, from: Math.min(since, now), to: now }]);
  }
  const ended = new Set<string>();
  for (const { event } of events.toReversed()) {
    if (!("id" in event)) continue;
    const spans = timelines.get(event.id);
    if (spans === undefined || ended.has(event.id)) continue;
    if (event.type === "added") ended.add(event.id);
    else if (event.type === "transition" || event.type === "maintenance") {
      // The current state may have begun with an event that is not in the log yet.
      const { at, from: state, duration } = event;
      spans.push({ state, from: at - duration, to: Math.min(at, spans.at(-1)!.from) });
    }
  }
  return timelines;
}

/**
 * Cuts gaps out of a timeline, because a restored state may have begun before a time without a running monitor.
 *
 * @param spans The timeline.
 * @param gaps The gaps.
 * @returns The remaining spans.
 */
export function cutGaps(spans: readonly Span[], gaps: Iterable<Pick<Span, "from" | "to">>): Span[] {
  let left = [...spans];
  for (const gap of gaps) {
    left = left.flatMap((span) => [
      { ...span, from: Math.max(span.from, gap.to) },
      { ...span, to: Math.min(span.to, gap.from) },
    ]).filter(({ from, to }) => from < to);
  }
  return left;
}

/**
 * Adds up the time in each state.
 *
 * @param spans A timeline.
 * @param from The start of the time range, in ms since 1970.
 * @param to The end of the time range.
 * @returns The times in ms.
 */
export function timesOf(spans: readonly Span[], from: number, to: number): StateTimes {
  const times = { up: 0, down: 0, unknown: 0, maintenance: 0 };
  for (const span of spans) times[span.state] += Math.max(0, Math.min(span.to, to) - Math.max(span.from, from));
  return times;
}
