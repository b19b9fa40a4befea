/** Difference between two target lists. */

import { WITNESSES } from "../protocol/limits.ts";
import type { Manifest } from "../protocol/list.ts";
import { type Chunk, linesOf } from "./chunks.ts";
import { ListError } from "./list_error.ts";
import { type ListedTarget, parseLine } from "./target_line.ts";

/** Difference between two lists. Targets are in order of id. */
export interface ListDifference {
  /** New targets. */
  readonly added: readonly ListedTarget[];
  /** Removed targets. */
  readonly removed: readonly ListedTarget[];
  /** Targets whose address, group, labels or options differ. */
  readonly changed: readonly { readonly before: ListedTarget; readonly after: ListedTarget }[];
  /** Options of the list that differ, by name: `"vote.witnesses"`, `"monitor.interval"`. */
  readonly options: readonly { readonly name: string; readonly before: unknown; readonly after: unknown }[];
}

/**
 * Compares two lists. Only chunks that differ are read.
 *
 * @param readChunk Reads a chunk of the list in force.
 * @param old The manifest in force; `undefined` for an empty list.
 * @param manifest The new manifest.
 * @param chunks The chunks of the new list by digest.
 * @returns The difference.
 * @throws {ListError} If a chunk in force is missing or damaged.
 */
export async function compareLists(
  readChunk: (digest: string) => Promise<Uint8Array>,
  old: Manifest | undefined,
  { vote, monitor }: Manifest,
  chunks: ReadonlyMap<string, Chunk>,
): Promise<ListDifference> {
  const kept = new Set(old?.chunks.map(({ digest }) => digest));
  const before = new Map<string, string>();
  for (const digest of kept) {
    if (!chunks.has(digest)) addLines(before, await readChunk(digest));
  }
  const after = new Map<string, string>();
  for (const [digest, { data }] of chunks) {
    if (!kept.has(digest)) addLines(after, data);
  }
  const ids = [...before.keys(), ...after.keys().filter((id) => !before.has(id))].sort();
  const lines = ids.map((id) => [before.get(id), after.get(id)] as const).filter(([line, other]) => line !== other);
  return {
    added: lines.flatMap(([line, other]) => line === undefined ? [parseLine(other!)] : []),
    removed: lines.flatMap(([line, other]) => other === undefined ? [parseLine(line!)] : []),
    changed: lines.flatMap(([line, other]) =>
      line === undefined || other === undefined ? [] : [{ before: parseLine(line), after: parseLine(other) }]
    ),
    options: [
      ...compareOptions("vote", { witnesses: WITNESSES, ...old?.vote }, { ...vote }),
      ...compareOptions("monitor", { ...old?.monitor }, monitor),
    ],
  };
}

function addLines(lines: Map<string, string>, chunk: Uint8Array): void {
  for (const line of linesOf(chunk)) {
    const { id } = parseLine(line);
    if (lines.has(id)) throw new ListError(`The list in force has the id ${id} twice`);
    lines.set(id, line);
  }
}

function compareOptions(
  section: string,
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): ListDifference["options"][number][] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
    .map((name) => ({ name: `${section}.${name}`, before: before[name], after: after[name] }));
}
