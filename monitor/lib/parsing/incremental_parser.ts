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
    const difference = await runInTimeSlices(compare(before, text));
    const { changed } = difference;
    const added = changed.length === 0 ? [] : await this.#parseItems(text, changed, variables);
    if (added === undefined || added.length !== changed.length) return undefined;
    const targets = await runInTimeSlices(joined(difference, added));
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

/** How the items of a text differ from those of the last configuration. */
interface Difference {
  /** Targets of the items before the first difference. */
  readonly first: readonly MonitorTarget[];
  /** Targets of the items after the last difference. */
  readonly last: readonly MonitorTarget[];
  /** The items in between. */
  readonly items: readonly string[];
  /** The targets of items that the last configuration had in between. */
  readonly known: ReadonlyMap<string, MonitorTarget>;
  /** The other items in between. */
  readonly changed: readonly string[];
}

/** Compares texts. Only items between the first and the last difference are looked up, which takes longer. */
function* compare({ text, configuration: { targets } }: Parsed, { items }: DividedText): Generator<void, Difference> {
  const before = text.items;
  const shorter = Math.min(before.length, items.length);
  let [first, last] = [0, 0];
  for (; first < shorter && before[first] === items[first]; first++) yield;
  for (; last < shorter - first && before.at(-1 - last) === items.at(-1 - last); last++) yield;
  const known = new Map<string, MonitorTarget>();
  for (let i = first; i < before.length - last; i++) yield void known.set(before[i], targets[i]);
  const between = items.slice(first, items.length - last);
  const changed: string[] = [];
  for (const item of between) {
    if (!known.has(item)) changed.push(item);
    yield;
  }
  return { first: targets.slice(0, first), last: targets.slice(before.length - last), items: between, known, changed };
}

/** Lists all targets: known ones, and new ones in order. Returns `undefined` if an id repeats. */
function* joined(
  { first, last, items, known }: Difference,
  others: readonly MonitorTarget[],
): Generator<void, MonitorTarget[] | undefined> {
  const between: MonitorTarget[] = [];
  const ids = new Set<string>();
  const next = others.values();
  for (const item of items) {
    const target = known.get(item) ?? next.next().value!;
    between.push(target);
    ids.add(idOf(target));
    yield;
  }
  if (ids.size < between.length) return undefined;
  for (const targets of [first, last]) {
    for (const target of targets) {
      if (ids.has(idOf(target))) return undefined;
      yield;
    }
  }
  return first.concat(between, last);
}
