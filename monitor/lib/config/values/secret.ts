/** Secrets: strings that appear in no error, log or API. */

const SHOWN = "<secret>";

/** A string that is shown as `<secret>`: a token, a private key, or a URL that contains a token. */
export class Secret {
  readonly #value: string;

  /**
   * Creates a secret.
   *
   * @param value The string.
   */
  constructor(value: string) {
    this.#value = value;
  }

  /** Returns the string itself. */
  reveal(): string {
    return this.#value;
  }

  /** `<secret>`. */
  toString(): string {
    return SHOWN;
  }

  /** `<secret>`. */
  toJSON(): string {
    return SHOWN;
  }

  /** `<secret>`. */
  [Symbol.for("Deno.customInspect")](): string {
    return SHOWN;
  }
}

/**
 * Converts a section of a configuration to a text that is equal for equal sections. The text contains the secrets, so
 * it must not leave this process.
 *
 * @param section The section.
 * @returns The text.
 */
export function secretKey(section: unknown): string {
  return JSON.stringify(section, function (this: Record<string, unknown>, key, value) {
    // `value` is the result of toJSON().
    const original = this[key];
    return original instanceof Secret ? original.reveal() : value;
  });
}
