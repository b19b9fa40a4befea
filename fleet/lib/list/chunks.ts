/**
 * Content-defined chunks of a target list. The hash of an id decides whether a chunk ends there, so that adding a
 * target changes only one chunk.
 */

import { hash } from "../assignment/hash.ts";
import { MAX_CHUNK_BYTES } from "../protocol/limits.ts";
import { formatLine, type ListedTarget } from "./target_line.ts";

/** Minimum size of a chunk, in bytes, so that a small list is one chunk. */
const MIN_BYTES = 64 * 1024;
/** A target ends a chunk if these bits of its hash are 0, on average every 2,048 targets. */
const BOUND = 0x7ff << 20;

const ENCODER = new TextEncoder();

/** A chunk. */
export interface Chunk {
  readonly data: Uint8Array<ArrayBuffer>;
  /** The number of targets. */
  readonly targets: number;
}

/**
 * Cuts a list into chunks.
 *
 * @param targets The targets, with distinct ids, in any order.
 * @returns The chunks, in order of id.
 * @throws {RangeError} If a target exceeds the maximum size of a chunk.
 */
export function* chunksOf(targets: readonly ListedTarget[]): Generator<Chunk> {
  let lines: string[] = [];
  let bytes = 0;
  for (const target of targets.toSorted((a, b) => a.id < b.id ? -1 : 1)) {
    const line = `${formatLine(target)}\n`;
    const { length } = ENCODER.encode(line);
    if (length > MAX_CHUNK_BYTES) {
      throw new RangeError(
        `The target ${target.id.slice(0, 64)} has ${length} bytes as JSON: use at most ${MAX_CHUNK_BYTES}`,
      );
    }
    if (bytes + length > MAX_CHUNK_BYTES) {
      yield chunk(lines);
      [lines, bytes] = [[], 0];
    }
    lines.push(line);
    bytes += length;
    if (bytes < MIN_BYTES || (hash(target.id) & BOUND) !== 0) continue;
    yield chunk(lines);
    [lines, bytes] = [[], 0];
  }
  if (lines.length > 0) yield chunk(lines);
}

function chunk(lines: readonly string[]): Chunk {
  return { data: ENCODER.encode(lines.join("")), targets: lines.length };
}

/** Returns the lines of a chunk. */
export function linesOf(data: Uint8Array): string[] {
  const lines = new TextDecoder("utf-8", { fatal: true }).decode(data).split("\n");
  // The last part is empty, because each line has an end.
  lines.pop();
  return lines;
}
