/** Collector of problems with options or targets, so that one error lists all of them. */

import { nearest } from "@tcp-shaker/tcp-shaker/nearest";
import { quote } from "@tcp-shaker/tcp-shaker/quote";

/**
 * Adds options with unknown names, because ignoring a mistyped option would hide the mistake.
 *
 * @param taker The owner of the options, for the message.
 * @param options The options. `undefined` values may have any name.
 * @param names The known names.
 * @param problems Gets the problems.
 */
export function addUnknownOptions(taker: string, options: object, names: readonly string[], problems: Problems): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || names.includes(name)) continue;
    const meant = nearest(name, names);
    const hint = meant === undefined ? `its options are ${names.join(", ")}` : `did you mean ${quote(meant)}?`;
    problems.add(`${taker} has no option ${quote(name)}: ${hint}`);
  }
}

/** Collected problems. Each message says what is wrong, with the value. */
export class Problems {
  readonly #messages: string[] = [];
  #areOfRange = true;

  /** Messages, in order of discovery. */
  get messages(): readonly string[] {
    return this.#messages;
  }

  /** Whether all problems are numbers out of range, so that the error is a `RangeError` instead of a `TypeError`. */
  get areOfRange(): boolean {
    return this.#areOfRange;
  }

  /** Adds a value of the wrong type or form. */
  add(message: string): void {
    this.#messages.push(message);
    this.#areOfRange = false;
  }

  /** Adds a number that is out of range. */
  addOfRange(message: string): void {
    this.#messages.push(message);
  }

  /** Adds the problems of a part, such as a target, prefixed with its name. */
  addOf(name: string, problems: Problems): void {
    this.#messages.push(...problems.messages.map((message) => `${name}: ${message}`));
    this.#areOfRange &&= problems.areOfRange;
  }
}
