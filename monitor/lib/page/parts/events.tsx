/** List of events. */

/**
 * @jsxRuntime classic
 * @jsx h
 * @jsxFrag Fragment
 */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h() and Fragment()

import { Fragment, h } from "../html/h.ts";
import type { MonitorEvent } from "../../event.ts";
import { targetHref } from "../html/links.ts";
import { eventText, stateOfEvent } from "../html/text.ts";
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
export function EventList({ events, empty, root = "", isOfOne = false }: {
  /** The events; `undefined` if they can't be read. */
  events: readonly ListedEvent[] | undefined;
  /** Text for an empty list. */
  empty: string;
  root?: string;
  /** Whether all events are of one target, so that its name is omitted. */
  isOfOne?: boolean;
}) {
  if (events === undefined) return <p class="empty">The events can't be read now.</p>;
  if (events.length === 0) return <p class="empty">{empty}</p>;
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
