/**
 * Writer of Prometheus' text exposition format 0.0.4.
 *
 * @example
 * ```ts
 * import { Family, labelText } from "@tcp-shaker/monitor/exposition";
 *
 * const up = new Family("tcp_check_up", "gauge", "Whether the target is up.");
 * up.add(1, labelText([["target", "db.example:5432"]]));
 * console.log(up.text());
 * ```
 *
 * @module
 */

/** The content type of the format. */
export const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** The type of a family. */
export type FamilyType = "counter" | "gauge" | "histogram" | "summary";

/** Labels of a sample, in order. */
export type Labels = readonly (readonly [name: string, value: string])[];

/** Characters that must be escaped in a label's value. */
const SPECIAL = /["\\\n]/;

/** A family of samples with one name. */
export class Family {
  readonly #name: string;
  readonly #head: string;
  #samples = "";

  /**
   * Creates a family without samples.
   *
   * @param name The name.
   * @param type The type.
   * @param help One sentence.
   */
  constructor(name: string, type: FamilyType, help: string) {
    this.#name = name;
    this.#head = familyHead(name, type, help);
  }

  /**
   * Adds a sample.
   *
   * @param value The value.
   * @param labels The labels, as {@linkcode labelText} writes them.
   * @param suffix The suffix of the family's name: `"_sum"`.
   */
  add(value: number, labels = "", suffix = ""): void {
    this.#samples += sampleText(this.#name + suffix, labels, value);
  }

  /** The text; empty if there are no samples. */
  text(): string {
    return this.#samples === "" ? "" : this.#head + this.#samples;
  }
}

/**
 * Writes a family with one sample.
 *
 * @param name The name.
 * @param type The type.
 * @param help One sentence.
 * @param value The value.
 * @param labels The labels, as {@linkcode labelText} writes them.
 * @returns The text.
 */
export function singleSample(name: string, type: FamilyType, help: string, value: number, labels = ""): string {
  return familyHead(name, type, help) + sampleText(name, labels, value);
}

/**
 * Writes a family with the prefix `tcp_checker_` and one sample.
 *
 * @param name The name, without the prefix `tcp_checker_`.
 * @param type The type.
 * @param help One sentence.
 * @param value The value.
 * @param labels The labels.
 * @returns The text.
 */
export function prefixedSample(
  name: string,
  type: FamilyType,
  help: string,
  value: number,
  labels: Labels = [],
): string {
  return singleSample(`tcp_checker_${name}`, type, help, value, labelText(labels));
}

/** Writes the lines before a family's samples. */
export function familyHead(name: string, type: FamilyType, help: string): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
}

/** Writes a sample. */
export function sampleText(name: string, labels: string, value: number): string {
  return `${name}${labels} ${numberText(value)}\n`;
}

/**
 * Writes labels.
 *
 * @param labels The labels.
 * @returns `{id="db",group=""}`; empty if there are none.
 */
export function labelText(labels: Labels): string {
  return labels.length === 0 ? "" : `{${labels.map(([name, value]) => `${name}="${escape(value)}"`).join(",")}}`;
}

/** Escapes a label's value, and replaces lone surrogates, which have no UTF-8. */
function escape(value: string): string {
  const text = value.isWellFormed() ? value : value.toWellFormed();
  return SPECIAL.test(text) ? text.replaceAll(/["\\\n]/g, (one) => one === "\n" ? "\\n" : `\\${one}`) : text;
}

function numberText(value: number): string {
  if (value === Infinity) return "+Inf";
  return value === -Infinity ? "-Inf" : String(value);
}
