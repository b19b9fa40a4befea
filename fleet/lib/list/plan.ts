/** A list before it is put in force, and how it differs from the one in force. */

import type { TargetOptions } from "@tcp-shaker/monitor";
import { encode } from "../protocol/codec.ts";
import type { Manifest } from "../protocol/list.ts";
import type { VoteOptions } from "../vote_options.ts";
import { type Chunk, chunksOf, linesOf } from "./chunks.ts";
import { digestOf } from "./digest.ts";
import { ListError } from "./list_error.ts";
import type { InForce, ListStore } from "./store.ts";
import { type ListedTarget, parseLine } from "./target_line.ts";

/** A target list. */
export interface TargetList {
  /** The targets, with distinct ids. */
  readonly targets: readonly ListedTarget[];
  /** Defaults of the targets' options. */
  readonly monitor: TargetOptions;
  /** How the words of several witnesses become a verdict. */
  readonly vote: VoteOptions;
}

/** How a list differs from another. */
export interface ListDifference {
  /** Targets that are new, in order of id. */
  readonly added: readonly ListedTarget[];
  /** Targets that are gone. */
  readonly removed: readonly ListedTarget[];
  /** Targets whose address, group, labels or options differ. */
  readonly changed: readonly { readonly before: ListedTarget; readonly after: ListedTarget }[];
  /** Options of the list that differ, by name: `"vote.witnesses"`, `"monitor.interval"`. */
  readonly options: readonly { readonly name: string; readonly before: unknown; readonly after: unknown }[];
}

/** A list that may be put in force. */
export interface ListPlan {
  /** The list in force when the plan was made. */
  readonly before: InForce | undefined;
  readonly manifest: Manifest;
  readonly digest: string;
  /** The chunks by digest. */
  readonly chunks: ReadonlyMap<string, Chunk>;
  readonly difference: ListDifference;
}

/**
 * Compares a list with the one in force.
 *
 * @param store The bucket.
 * @param list The list.
 * @returns The plan.
 * @throws {ListError} If the list in force can't be read.
 */
export async function planList(store: ListStore, list: TargetList): Promise<ListPlan> {
  const chunks = new Map<string, Chunk>();
  for (const chunk of chunksOf(list.targets)) chunks.set(await digestOf(chunk.data), chunk);
  const manifest: Manifest = {
    vote: { ...list.vote, witnesses: list.vote.witnesses ?? 3 },
    monitor: { ...list.monitor },
    targets: list.targets.length,
    chunks: [...chunks].map(([digest, { data, targets }]) => ({ digest, bytes: data.length, targets })),
  };
  const digest = await digestOf(encode(manifest));
  const before = await store.current();
  const old = before === undefined ? undefined : await store.manifest(before.current.digest);
  return { before, manifest, digest, chunks, difference: await compare(store, old, manifest, chunks) };
}

/** Compares the chunks that only one of two lists has. */
async function compare(
  store: ListStore,
  old: Manifest | undefined,
  { vote, monitor }: Manifest,
  chunks: ReadonlyMap<string, Chunk>,
): Promise<ListDifference> {
  const kept = new Set(old?.chunks.map(({ digest }) => digest));
  const before = new Map<string, string>();
  for (const digest of kept) {
    if (!chunks.has(digest)) addLines(before, await store.chunk(digest));
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
      ...compareOptions("vote", { ...old?.vote }, { ...vote }),
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
