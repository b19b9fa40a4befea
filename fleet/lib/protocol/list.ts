/**
 * The target list: chunks, and a manifest that names them, both under their SHA-256; and the key `current`, which names
 * the manifest in force. `fleet apply` writes `current` last, so a list is in force as a whole or not at all.
 */

import {
  array,
  type InferOutput,
  maxLength,
  maxValue,
  minValue,
  object,
  optional,
  pipe,
  record,
  strictObject,
  string,
  unknown,
} from "valibot";
import { decode } from "./codec.ts";
import { count, digest, ms } from "./fields.ts";
import { KEPT_LISTS, MAX_CHUNK_BYTES } from "./limits.ts";
import type { Malformed } from "./malformed.ts";

const positive = pipe(count, minValue(1));

const inForce = object({
  /** The manifest. */
  digest,
  /** When it was put in force, by the clock of the command, in ms since 1970. */
  at: ms,
});

const current = object({
  ...inForce.entries,
  /** The lists before it, the latest first. Their manifests and chunks are kept. */
  previous: pipe(array(inForce), maxLength(KEPT_LISTS)),
});

/** The list in force. */
export type Current = InferOutput<typeof current>;

/** Parses the key `current`. */
export function parseCurrent(data: Uint8Array): Current | Malformed {
  return decode(current, data);
}

/** {@linkcode VoteOptions}, with the number of witnesses. */
const vote = strictObject({ witnesses: positive, agree: optional(positive), quorum: optional(positive) });

const manifest = strictObject({
  vote,
  /** Options of the monitor ({@linkcode MonitorOptions}), the defaults of the targets. */
  monitor: record(string(), unknown()),
  /** The number of targets. */
  targets: count,
  /** The chunks, in order. */
  chunks: array(strictObject({ digest, bytes: pipe(positive, maxValue(MAX_CHUNK_BYTES)), targets: positive })),
});

/** The manifest of a target list. It contains no time, so equal lists have equal digests. */
export type Manifest = InferOutput<typeof manifest>;

/** Parses a manifest. */
export function parseManifest(data: Uint8Array): Manifest | Malformed {
  return decode(manifest, data);
}
