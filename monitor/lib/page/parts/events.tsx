/** List of events. */

/**
 * @jsxRuntime classic
 * @jsx h
 * @jsxFrag Fragment
 */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h() and Fragment()

import { Fragment, h } from "../html/h.ts";
import type { MonitorEvent } from "../../event.ts";
import { targetHref } from "../links.ts";
import { eventText, stateOfEvent } from "../text.ts";
import { Mark } from "./mark.tsx";
import { Time } from "./time.tsx";

/** Event in the list. */
export interface ListedEvent {
  /** `boot-sequence`. */
  readonly id: string;
  readonly at: number;
  readonly event: MonitorEvent;
}

/** The list, newest event first. */
export function EventList({ events, root = "", isOfOne = false }: {
  events: readonly ListedEvent[];
  root?: string;
  /** Whether all events are of one target, so that its name is omitted. */
  isOfOne?: boolean;
}) {
  return (
    <ol class="events" id="event-list">
      {events.map((listed) => <EventItem {...listed} root={root} isOfOne={isOfOne} />)}
    </ol>
  );
}

/** One event. */
export function EventItem({ id, at, event, root = "", isOfOne = false }: ListedEvent & {
  root?: string;
  isOfOne?: boolean;
}) {
  return (
    <li data-event={id}>
      <Mark state={stateOfEvent(event)} />
      <Time at={at} />
      <span class="what">
        {"id" in event && !isOfOne && (
          <>
            <a href={targetHref(event.id, root)}>{event.id}</a>
            {" "}
          </>
        )}
        {eventText(event)}
      </span>
    </li>
  );
}
