/** Parser that parses only the changed targets of a configuration. */

import type { ParsedConfiguration } from "../config/parsed_configuration.ts";
import { ConfigurationError } from "../config/problem.ts";
import type { Variables } from "../config/variables.ts";
import type { Parser } from "./parser.ts";
import { runInTimeSlices, yieldToEventLoop } from "../time_slices.ts";
import { idOf, type MonitorTarget } from "../target.ts";
import { type DividedText, divideSteps } from "./target_items.ts";

/** Length of a chunk in characters, which this thread parses in a few ms, including the rest of the text. */
const CHUNK = 1 << 14;
/** Maximum number of chunks. For more, a worker is faster, in spite of its start. */
const MAX_CHUNKS = 8;

/** The last configuration. */
interface Parsed {
  readonly text: DividedText;
  readonly variables: string;
  readonly configuration: ParsedConfiguration;
}

/**
 * Incremental parser, which keeps the last configuration and its text. If a new text differs only in items of
 * `targets`, it parses only these items, and reuses the other objects. js-yaml takes 10 us for a target with labels.
 */
export class IncrementalParser implements Parser {
  /** Parses the changed parts. */
  parser: Parser;
  #before: Parsed | undefined;

  /** @param parser Parses the changed parts. */
  constructor(parser: Parser) {
    this.parser = parser;
  }

  async configuration(text: string, variables: Variables): Promise<ParsedConfiguration> {
    const divided = await runInTimeSlices(divideSteps(text));
    const values = JSON.stringify(variables);
    const configuration = await this.#parseChanges(divided, values, variables) ??
      await this.parser.configuration(text, variables);
    const isOnePerItem = divided?.items.length === configuration.targets.length;
    this.#before = isOnePerItem ? { text: divided, variables: values, configuration } : undefined;
    return configuration;
  }

  places(...args: Parameters<Parser["places"]>): ReturnType<Parser["places"]> {
    return this.parser.places(...args);
  }

  list(...args: Parameters<Parser["list"]>): ReturnType<Parser["list"]> {
    return this.parser.list(...args);
  }

  /** Returns `undefined` if the whole text must be parsed, also for the places of its problems. */
  async #parseChanges(
    text: DividedText | undefined,
    values: string,
    variables: Variables,
  ): Promise<ParsedConfiguration | undefined> {
    const before = this.#before;
    if (text === undefined || before === undefined || before.variables !== values) return undefined;
    if (text.head !== before.text.head || text.tail !== before.text.tail) return undefined;
    const { known, changed } = await runInTimeSlices(compare(before, text));
    const added = changed.length === 0 ? [] : await this.#parseItems(text, changed, variables);
    if (added === undefined || added.length !== changed.length) return undefined;
    const targets = await runInTimeSlices(joined(text.items, known, added));
    return targets && { ...before.configuration, targets };
  }

  async #parseItems(
    { head, tail }: DividedText,
    items: readonly string[],
    variables: Variables,
  ): Promise<readonly MonitorTarget[] | undefined> {
    const targets: MonitorTarget[] = [];
    try {
      for (const chunk of chunksOf(items, head.length + tail.length)) {
        if (targets.length > 0) await yieldToEventLoop();
        const parsed = await this.parser.configuration(head + chunk + tail, variables);
        for (const target of parsed.targets) targets.push(target);
      }
      return targets;
    } catch (error) {
      if (error instanceof ConfigurationError) return undefined;
      throw error;
    }
  }
}

/** Divides items into chunks for this thread; returns one chunk, for a worker, if they or the rest are too long. */
function chunksOf(items: readonly string[], rest: number): string[] {
  const all = items.join("");
  if (all.length > MAX_CHUNKS * CHUNK || rest > CHUNK / 2) return [all];
  const chunks = [""];
  for (const item of items) {
    if (chunks.at(-1)!.length + item.length > CHUNK) chunks.push("");
    chunks[chunks.length - 1] += item;
  }
  return chunks.filter((chunk) => chunk !== "");
}

/** Maps the items of a text to their targets, and lists the items of another text that are not among them. */
function* compare(
  { text, configuration }: Parsed,
  { items }: DividedText,
): Generator<void, { known: Map<string, MonitorTarget>; changed: string[] }> {
  const known = new Map<string, MonitorTarget>();
  for (const [index, item] of text.items.entries()) yield void known.set(item, configuration.targets[index]);
  const changed: string[] = [];
  for (const item of items) {
    if (!known.has(item)) changed.push(item);
    yield;
  }
  return { known, changed };
}

/** Lists the targets of items: known ones, and new ones in order. Returns `undefined` if an id repeats. */
function* joined(
  items: readonly string[],
  known: ReadonlyMap<string, MonitorTarget>,
  others: readonly MonitorTarget[],
): Generator<void, MonitorTarget[] | undefined> {
  const targets: MonitorTarget[] = [];
  const ids = new Set<string>();
  const next = others.values();
  for (const item of items) {
    const target = known.get(item) ?? next.next().value!;
    targets.push(target);
    ids.add(idOf(target));
    yield;
  }
  return ids.size === targets.length ? targets : undefined;
}
