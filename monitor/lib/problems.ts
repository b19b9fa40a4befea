/** Collection of problems with options or targets, so that one error lists them all. */

/** Problems: what is wrong, with the value. */
export class Problems {
  readonly #messages: string[] = [];
  #areOfRange = true;

  /** What is wrong, in the order in which it was found. */
  get messages(): readonly string[] {
    return this.#messages;
  }

  /** Whether all problems are numbers out of range. If so, the error is a `RangeError`, else a `TypeError`. */
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

  /** Adds the problems of a target, each with its name in front. */
  addOfTarget(name: string, problems: Problems): void {
    this.#messages.push(...problems.messages.map((message) => `${name}: ${message}`));
    this.#areOfRange &&= problems.areOfRange;
  }
}
