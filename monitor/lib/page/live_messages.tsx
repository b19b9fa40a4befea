/** Messages of the live stream, rendered once for all viewers. */

/**
 * @jsxRuntime classic
 * @jsx h
 * @jsxFrag Fragment
 */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h() and Fragment()

import { h } from "./html/h.ts";
import type { StateSource } from "../sinks/sink.ts";
import type { Counts } from "../status/counts.ts";
import type { LoggedEvent } from "../status/event_log.ts";
import type { LiveFleet } from "../status/live_fleet.ts";
import { EventItem } from "./parts/events.tsx";
import { documentTitle, headline, overall } from "./parts/summary.tsx";
import { TargetRow } from "./parts/target_row.tsx";
import { listed } from "./read_model.ts";
import { countText } from "./html/text.ts";

/** Change of a target, for the page's script. */
export interface LiveChange {
  /** The target; absent for an event that is not about one target. */
  readonly id?: string;
  readonly group?: string;
  /** Index of the target's cell in the heat map of its group, and the number of cells. */
  readonly cell?: number;
  readonly size?: number;
  readonly state?: string;
  /** The target's row; absent if the target was removed. */
  readonly row?: string;
  /** The item for the list of events. */
  readonly event: string;
}

/** Creates the message with the summary. */
export function summaryMessage(counts: Counts): string {
  return JSON.stringify({
    at: Date.now(),
    counts: Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, countText(count)])),
    headline: headline(counts),
    title: documentTitle(counts),
    marks: overall(counts),
  });
}

/** Renders a change. */
export function renderChange(logged: LoggedEvent, states: StateSource, fleet: LiveFleet): LiveChange {
  const { event } = listed(logged);
  const item = (<EventItem id={logged.id} at={logged.at} event={event} />).text;
  if (!("id" in event)) return { event: item };
  const { id, group } = event;
  const state = states.get(id);
  if (state === undefined) return { id, event: item };
  return {
    id,
    group,
    ...fleet.place(id),
    state: state.state === "up" && state.degraded ? "degraded" : state.state,
    row: (<TargetRow state={state} now={Date.now()} />).text,
    event: item,
  };
}
