/** Secrets: strings that no error, log or API shows. */

const SHOWN = "<secret>";

/** A string that is shown as `<secret>`: a token, a private key, or a webhook's URL, which contains one. */
export class Secret {
  readonly #value: string;

  /**
   * Makes a secret.
   *
   * @param value The string.
   */
  constructor(value: string) {
    this.#value = value;
  }

  /** The string itself. */
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
 * Converts a section of a configuration to a text that is equal for equal sections. It contains the secrets: it must
 * not leave this process.
 *
 * @param section The section.
 * @returns The text.
 */
export function secretKey(section: unknown): string {
  return JSON.stringify(section, function (this: Record<string, unknown>, key, value) {
    // `value` is what toJSON() has made of it.
    const original = this[key];
    return original instanceof Secret ? original.reveal() : value;
  });
}
