/** Positions of values in a YAML document, by their paths. It is built only when there are problems to report. */

import { type Event, EVENT_ID, getScalarValue } from "js-yaml";
import { parseYaml, type YamlDocument } from "./yaml.ts";

/** A path: keys of mappings, and indices of lists. */
export type Path = readonly (string | number)[];

/** A place in a text: line and column, both from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Compares places, for `toSorted()`. What has no place comes first. */
export function byPlace(a: Partial<Place>, b: Partial<Place>): number {
  const [first, second] = [a, b].map(({ line = 0, column = 0 }) => ({ line, column }));
  return first.line - second.line || first.column - second.column;
}

/**
 * Finds the places of values in a text that has been parsed before.
 *
 * @param text The YAML text.
 * @param paths The paths of the values.
 * @returns Their places.
 */
export function placesOf(text: string, paths: readonly Path[]): Place[] {
  return new YamlPositions(parseYaml(text)).places(paths);
}

/** A node of the document. */
interface Node {
  readonly start: number;
  readonly children: Map<string, { readonly keyStart: number; readonly node: Node }>;
}

/** The offsets of a document's values. */
export class YamlPositions {
  readonly #root: Node | undefined;
  readonly #source: string;

  /** @param document The document. */
  constructor({ events, source }: YamlDocument) {
    this.#source = source;
    this.#root = new TreeBuilder(events, source).build();
  }

  /**
   * Finds the offset of a value; of its key, if it is in a mapping. A value that was merged from elsewhere has the
   * offset of the nearest parent.
   *
   * @param path The path of the value.
   * @returns The offset; 0 in an empty document.
   */
  offset(path: Path): number {
    let node = this.#root;
    let offset = node?.start ?? 0;
    for (const step of path) {
      const child = node?.children.get(String(step));
      if (child === undefined) break;
      offset = child.keyStart;
      node = child.node;
    }
    return offset;
  }

  /** The lines and columns of values. */
  places(paths: readonly Path[]): Place[] {
    const starts = lineStarts(this.#source);
    return paths.map((path) => {
      const offset = this.offset(path);
      const after = starts.findIndex((start) => start > offset);
      const line = after < 0 ? starts.length : after;
      return { line, column: offset - starts[line - 1] + 1 };
    });
  }
}

/** Builds the tree of nodes from events. */
class TreeBuilder {
  readonly #events: readonly Event[];
  readonly #source: string;
  readonly #anchors = new Map<string, Node>();
  #next = 0;
  /** The end of the last scalar, or of the last empty item. */
  #end = 0;

  constructor(events: readonly Event[], source: string) {
    this.#events = events;
    this.#source = source;
  }

  build(): Node | undefined {
    const first = this.#events.findIndex(({ type }) => type !== EVENT_ID.DOCUMENT);
    if (first < 0 || this.#events[first].type === EVENT_ID.POP) return undefined;
    this.#next = first;
    return this.#node();
  }

  #node(): Node {
    const event = this.#events[this.#next++];
    if (event.type === EVENT_ID.ALIAS) {
      return this.#anchors.get(this.#anchor(event)!) ?? { start: event.anchorStart, children: new Map() };
    }
    if (event.type === EVENT_ID.SCALAR) {
      this.#end = Math.max(this.#end, event.valueEnd);
      return this.#named(event, { start: event.valueStart, children: new Map() });
    }
    if (event.type !== EVENT_ID.MAPPING && event.type !== EVENT_ID.SEQUENCE) throw new Error("Unexpected YAML event");
    const node: Node = this.#named(event, { start: event.start, children: new Map() });
    for (let index = 0; this.#events[this.#next].type !== EVENT_ID.POP; index++) {
      const key = this.#events[this.#next];
      if (event.type === EVENT_ID.SEQUENCE) {
        const child = this.#node();
        const keyStart = startOf(key) ?? (child.start < 0 ? this.#emptyItem() : child.start);
        node.children.set(String(index), { keyStart, node: child });
        continue;
      }
      const keyNode = this.#node();
      const name = key.type === EVENT_ID.SCALAR ? getScalarValue(this.#source, key) : "";
      node.children.set(name, { keyStart: keyNode.start, node: this.#node() });
    }
    this.#next++;
    return node;
  }

  /** Finds the hyphen of the next empty item, because js-yaml gives no offset of empty scalars. */
  #emptyItem(): number {
    const lines = /^([ -]*)-[ \t]*(?:#.*)?\r?$/gm;
    lines.lastIndex = this.#end;
    const match = lines.exec(this.#source);
    if (match === null) return this.#end;
    this.#end = lines.lastIndex;
    return match.index + match[1].length;
  }

  #named(event: Event, node: Node): Node {
    const anchor = this.#anchor(event);
    if (anchor !== undefined) this.#anchors.set(anchor, node);
    return node;
  }

  #anchor(event: Event): string | undefined {
    if (!("anchorStart" in event) || event.anchorStart < 0) return undefined;
    return this.#source.slice(event.anchorStart, event.anchorEnd);
  }
}

/** Where an item starts; its alias or anchor, if it has one. */
function startOf(event: Event): number | undefined {
  return "anchorStart" in event && event.anchorStart >= 0 ? event.anchorStart - 1 : undefined;
}

function lineStarts(source: string): number[] {
  const starts = [0];
  for (let end = source.indexOf("\n"); end >= 0; end = source.indexOf("\n", end + 1)) starts.push(end + 1);
  return starts;
}
