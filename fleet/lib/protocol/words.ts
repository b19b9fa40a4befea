/**
 * Words: what an agent says of the targets of one slice, as one message under the key `words.NAME.SLICE` of the state. A
 * message replaces the one before: a target that it lacks has no word of this agent any more.
 */

import { array, type InferOutput, minValue, nullable, object, picklist, pipe, strictTuple } from "valibot";
import { decode } from "./codec.ts";
import { boot, count, ms, targetId, text } from "./fields.ts";
import type { Malformed } from "./malformed.ts";

const word = strictTuple([
  targetId,
  /** `"unknown"` is no vote: see `mayVote()`. */
  picklist(["up", "down", "unknown"]),
  /** Since when, by the agent's clock, for display: ms since 1970. */
  ms,
  /** The `sequence` of the event that led to it; 0 if there was none. */
  count,
  /** How many checks have passed or failed in this epoch. */
  count,
  /** Why it is down: an error's code, or the status of the check; `null` if it isn't down. */
  nullable(text),
]);

const schema = object({
  /** The process, as in the lease. */
  boot,
  /** The epoch, as in the lease. The words count only while the lease has the same. */
  epoch: pipe(count, minValue(1)),
  /** One word per target. */
  words: array(word),
});

/** A word: id, state, since, sequence, results, reason. */
export type Word = InferOutput<typeof word>;

/** An agent's words about the targets of one slice. */
export type WordSlice = InferOutput<typeof schema>;

/** Parses the words of a slice. */
export function parseWordSlice(data: Uint8Array): WordSlice | Malformed {
  return decode(schema, data);
}
