/** YAML: parsing with limits, by js-yaml. */

import { constructFromEvents, CORE_SCHEMA, type Event, EVENT_ID, mergeTag, parseEvents, YAMLException } from "js-yaml";
import { quote } from "@tcp-shaker/tcp-shaker/quote";
import { ConfigurationError } from "./problem.ts";

/** A parsed document. */
export interface YamlDocument {
  /** The source text. */
  readonly source: string;
  /** Its events, with offsets in the source. */
  readonly events: readonly Event[];
  /** Its value; `undefined` if the source is empty. */
  readonly value: unknown;
}

/** The largest source, in UTF-16 units: 100,000 targets with labels have 8 million. */
const MAX_SOURCE = 64 * 2 ** 20;
/** Nodes that aliases may expand to. Aliases of aliases grow exponentially ("billion laughs"). */
const MAX_ALIASED_NODES = 1_000_000;

const SCHEMA = CORE_SCHEMA.withTags(mergeTag);

/**
 * Parses a YAML document.
 *
 * @param source The source text.
 * @returns The document.
 * @throws {ConfigurationError} If it is not YAML, more than one document, or too large. The message has no text of the
 * source, which may contain secrets.
 */
export function parseYaml(source: string): YamlDocument {
  if (source.length > MAX_SOURCE) {
    throw new ConfigurationError([{
      message: `The file has ${source.length} characters, the limit is ${MAX_SOURCE}: move targets to target_files`,
    }]);
  }
  try {
    const events = parseEvents(source, {});
    assertFewAliases(events, source);
    const values = constructFromEvents(events, { source, schema: SCHEMA });
    if (values.length <= 1) return { source, events, value: values[0] };
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const { reason, mark } = error;
    const place = mark == null ? {} : { line: mark.line + 1, column: mark.column + 1 };
    throw new ConfigurationError([{ message: `Invalid YAML: ${reason}`, ...place }]);
  }
  throw new ConfigurationError([{ message: "The file has more than one YAML document: remove the lines ---" }]);
}

/** Rejects aliases that expand to too many nodes, before any is expanded. */
function assertFewAliases(events: readonly Event[], source: string): void {
  const sizes = new Map<string, number>();
  const open: { anchor: string | undefined; size: number }[] = [];
  let aliased = 0;
  for (const event of events) {
    if (event.type === EVENT_ID.DOCUMENT) continue;
    if (event.type === EVENT_ID.POP) {
      const closed = open.pop();
      if (closed === undefined) continue;
      if (closed.anchor !== undefined) sizes.set(closed.anchor, closed.size);
      if (open.length > 0) open[open.length - 1].size += closed.size;
      continue;
    }
    const anchor = event.anchorStart < 0 ? undefined : source.slice(event.anchorStart, event.anchorEnd);
    if (event.type === EVENT_ID.SEQUENCE || event.type === EVENT_ID.MAPPING) {
      open.push({ anchor, size: 1 });
      continue;
    }
    const size = event.type === EVENT_ID.ALIAS ? sizes.get(anchor!) ?? 1 : 1;
    if (event.type === EVENT_ID.ALIAS) aliased += size;
    else if (anchor !== undefined) sizes.set(anchor, 1);
    if (aliased > MAX_ALIASED_NODES) {
      throw new ConfigurationError([{
        message: `The alias ${quote(anchor)} expands the file to more than ${MAX_ALIASED_NODES} nodes: write out less`,
        ...place(source, event.anchorStart),
      }]);
    }
    if (open.length > 0) open[open.length - 1].size += size;
  }
}

/**
 * Converts an offset to a line and a column.
 *
 * @param source The source text.
 * @param offset The offset.
 * @returns Both from 1.
 */
export function place(source: string, offset: number): { line: number; column: number } {
  const before = source.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  return { line: before.split("\n").length, column: offset - lineStart + 1 };
}
