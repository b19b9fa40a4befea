/** The items of the section `targets` in the text of a configuration. */

/** A text, divided at its targets. */
export interface DividedText {
  /** The text before the first target. */
  readonly head: string;
  /** The text of each target, with the line feed at its end. */
  readonly items: readonly string[];
  /** The text after the last target. */
  readonly tail: string;
}

const SECTION = /^targets:[ \t]*(?:#.*)?\n/m;
const FIRST_ITEM = /^( *)- /;

/**
 * Divides a text at its targets, one target per step.
 *
 * An item starts with a hyphen at the indentation of the first one, and includes the lines behind it that are indented more,
 * blank or a comment. The value of such an item doesn't depend on its neighbours: YAML ends each value at the next line
 * that is indented less. Only anchors and aliases refer to other places.
 *
 * @param text The YAML text.
 * @returns The parts; `undefined` if there is no such section, or if an item may refer to other places.
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
  // The section may be part of a string if there is another one.
  const isAmbiguous = text.slice(0, section.index).includes("targets") || tail.includes("targets");
  return isAmbiguous || /[&*]/.test(text.slice(start, at)) ? undefined : { head, items, tail };
}

/** The column of the first character of a line; infinite if the line is blank or a comment. */
function columnOf(text: string, start: number, end: number): number {
  let at = start;
  while (at < end && text[at] === " ") at++;
  return at >= end || text[at] === "\n" || text[at] === "#" ? Infinity : at - start;
}
