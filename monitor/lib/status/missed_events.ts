/** Events that a client has missed, from the stored history and the log. */

import type { StoredEvent } from "../history/reader.ts";
import type { Status } from "./status.ts";

/** Maximum number of events from the history, the same as in the log. */
const MAX_EVENTS = 10_000;

/** Events after another one. */
export interface MissedEvents {
  /** The events, oldest first. */
  readonly events: readonly Pick<StoredEvent, "id" | "json">[];
  /** Whether later events than the given one may be missing. */
  readonly isIncomplete: boolean;
}

/**
 * Reads the events after another one: those of earlier runs from the history, and the latest from the log.
 *
 * @param status The history and the log.
 * @param after The id of the client's last event.
 * @returns A function that adds the events of the log. Call it when the client is added to the stream.
 */
export async function readMissed(status: Status, after: string): Promise<() => MissedEvents> {
  const { log } = status;
  if (!status.isStored || log.after(after) !== undefined) return () => join([], log.after(after));
  const stored = await readStored(status, after);
  if (stored === undefined) return () => ({ events: [], isIncomplete: true });
  const last = stored.events.at(-1)?.id ?? after;
  // The file may not have an event of this run yet.
  const next = last.startsWith(`${log.boot}-`) ? last : `${log.boot}-0`;
  return () => join(stored.events, log.after(next), stored.isIncomplete);
}

/** Reads the history; `undefined` if there are too many events, or they can't be read. */
async function readStored({ history }: Status, after: string): Promise<MissedEvents | undefined> {
  try {
    const [events, hasAll] = await Promise.all([
      history.events({ after, limit: MAX_EVENTS + 1 }),
      history.hasAllAfter(after),
    ]);
    return events.length > MAX_EVENTS ? undefined : { events, isIncomplete: !hasAll };
  } catch {
    return undefined;
  }
}

function join(
  stored: MissedEvents["events"],
  logged: MissedEvents["events"] | undefined,
  isIncomplete = false,
): MissedEvents {
  return { events: [...stored, ...logged ?? []], isIncomplete: isIncomplete || logged === undefined };
}
