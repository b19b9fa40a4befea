/**
 * Events of an agent's monitor, in ordered batches. Readers drop an event whose `sequence` is not above the last one of
 * the same agent and boot, because a batch is sent twice if its acknowledgment was lost.
 */

import { array, looseObject, minValue, object, optional, picklist, pipe } from "valibot";
import type { PublishedEvent } from "@tcp-shaker/monitor";
import { decode } from "./codec.ts";
import { boot, count, ms, targetId } from "./fields.ts";
import { Malformed } from "./malformed.ts";

const EVENT_TYPES = [
  "transition",
  "degraded",
  "flapping",
  "added",
  "removed",
  "maintenance",
  "storm",
  "overload",
  "trouble",
] as const satisfies readonly PublishedEvent["type"][];

const event = looseObject({
  type: picklist(EVENT_TYPES),
  at: ms,
  sequence: pipe(count, minValue(1)),
  id: optional(targetId),
});

const schema = object({
  boot,
  /** Number of events that this process has dropped because its outbox was full. */
  dropped: count,
  events: array(event),
});

/** A batch of events. */
export interface EventBatch {
  /** The process, as in the lease. */
  readonly boot: string;
  /** Number of events that this process has dropped because its outbox was full. */
  readonly dropped: number;
  /** The events, in order of `sequence`. */
  readonly events: readonly PublishedEvent[];
}

/** Parses a batch of events. Only type, time, sequence and id are validated; the rest is for display. */
export function parseEventBatch(data: Uint8Array): EventBatch | Malformed {
  const batch = decode(schema, data);
  if (batch instanceof Malformed) return batch;
  const isOrdered = batch.events.every(({ sequence }, i) => i === 0 || sequence > batch.events[i - 1].sequence);
  return isOrdered ? batch as unknown as EventBatch : new Malformed("events: Invalid order");
}
