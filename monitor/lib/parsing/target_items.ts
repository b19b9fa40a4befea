/** The items of the section `targets` in the text of a configuration. */

/** A text, divided at its targets. */
export interface DividedText {
  /** The text before the first target. */
  readonly head: string;
  /** The text of each target, including the line feed at the end. */
  readonly items: readonly string[];
  /** The text after the last target. */
  readonly tail: string;
}

const SECTION = /^targets:[ \t]*(?:#.*)?\n/m;
const FIRST_ITEM = /^( *)- /;

/**
 * Divides a text at its targets, one target per step.
 *
 * An item starts with a hyphen at the indentation of the first item, and includes the following lines that are indented
 * more, blank or a comment. Its value does not depend on other items, because YAML ends a value at the next line with
 * less indentation. Only anchors and aliases refer to other places.
 *
 * @param text The YAML text.
 * @returns The parts; `undefined` if there is no section `targets`, or if an item may refer to other places.
 */
export function* divideSteps(text: string): Generator<void, DividedText | undefined> {
  const section = SECTION.exec(text);
  if (section === null || text.includes("\r")) return undefined;
  const start = section.index + section[0].length;
  const indent = FIRST_ITEM.exec(text.slice(start, start + 100))?.[1].length;
  if (indent === undefined) return undefined;
  const items: string[] = [];
  let [at, itemStart] = [start, start];
  while (at < text.length) {
    const lineEnd = text.indexOf("\n", at);
    const next = lineEnd < 0 ? text.length : lineEnd + 1;
    const column = columnOf(text, at, next);
    const isItem = column === indent && text.startsWith("- ", at + column);
    if (!isItem && column <= indent) break;
    if (isItem && at > itemStart) {
      items.push(text.slice(itemStart, at));
      itemStart = at;
      yield;
    }
    at = next;
  }
  const last = text.slice(itemStart, at);
  items.push(last.endsWith("\n") ? last : `${last}\n`);
  const [head, tail] = [text.slice(0, start), text.slice(at)];
  // If the word occurs elsewhere, the section may be part of a string.
  const isAmbiguous = text.slice(0, section.index).includes("targets") || tail.includes("targets");
  return isAmbiguous || /[&*]/.test(text.slice(start, at)) ? undefined : { head, items, tail };
}

/** Returns the indentation of a line; infinite for a blank line or a comment. */
function columnOf(text: string, start: number, end: number): number {
  let at = start;
  while (at < end && text[at] === " ") at++;
  return at >= end || text[at] === "\n" || text[at] === "#" ? Infinity : at - start;
}
