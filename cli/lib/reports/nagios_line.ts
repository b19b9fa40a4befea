/** The line of a monitoring plugin, whatever text is in it: https://www.monitoring-plugins.org/doc/guidelines.html */

import { printable } from "@tcp-shaker/tcp-shaker/quote";

/** What a plugin says, by its exit status. */
export const STATES = ["OK", "WARNING", "CRITICAL", "UNKNOWN"] as const;

/** What a plugin says. */
export type State = typeof STATES[number];

/** The exit status of a plugin that can't tell. */
export const UNKNOWN: number = STATES.indexOf("UNKNOWN");

/** Entries of the text, and of the performance data, that are about single targets. */
export const MAX_ENTRIES = 50;

/** Bytes of the text, and of the performance data: Nagios reads 8 KiB of a plugin (MAX_PLUGIN_OUTPUT_LENGTH). */
const MAX_BYTES = 4000;
/** Room for the number of entries that are left out. */
const REST = ", 4503599627370496 more".length;

const encoder = new TextEncoder();

/** What a line tells. Nothing of it needs to be escaped. */
export interface NagiosLine {
  readonly state: State;
  /** What comes first, and is cut only if it alone is too long. */
  readonly summary: string;
  /** What is told of single targets, in their order. */
  readonly troubles?: readonly string[];
  /** How many troubles there are beside these. */
  readonly left?: number;
  /** Performance data, in the order of its weight. */
  readonly performance?: readonly Metric[];
}

/** An item of performance data. */
export interface Metric {
  readonly label: string;
  /** The value, with its unit and all that follows. */
  readonly value: string;
}

/**
 * Writes the line of a plugin: below 8 KiB, with a number in place of the troubles that there is no room for, and without
 * the performance data that there is no room for.
 *
 * @param line What it tells.
 * @returns The line.
 */
export function nagiosLine({ state, summary, troubles = [], left = 0, performance = [] }: NagiosLine): string {
  const head = cut(`TCP ${state} - ${escaped(summary)}`, MAX_BYTES);
  const shown = fitting(troubles.map((trouble) => `, ${escaped(trouble)}`), MAX_BYTES - bytes(head) - REST);
  const rest = left + troubles.length - shown.length;
  const labels = new Labels();
  const data = fitting(performance.map(({ label, value }) => ` ${labels.next(label)}=${value}`), MAX_BYTES);
  return `${head}${shown.join("")}${rest > 0 ? `, ${rest} more` : ""}${data.length > 0 ? ` |${data.join("")}` : ""}`;
}

/** Labels of performance data, no two of which are equal: graphs are kept by them. */
class Labels {
  readonly #used = new Set<string>();

  /** Quotes a label, because targets have brackets, and numbers it if it is there already. */
  next(text: string): string {
    // A quote is doubled. The equals sign, like the bar, has no escape.
    const base = escaped(text).replaceAll("'", "''").replaceAll("=", "_");
    let label = base;
    for (let i = 2; this.#used.has(label); i++) label = `${base} #${i}`;
    this.#used.add(label);
    return /^\w+$/.test(label) ? label : `'${label}'`;
  }
}

/**
 * Escapes text for the line: on one line, without control characters, and without the bar, which starts performance data
 * and has no escape.
 *
 * @param text Any text.
 * @returns It, escaped.
 */
function escaped(text: string): string {
  return printable(text.replace(/\s+/g, " ")).replaceAll("|", "_");
}

/** As many parts, from the first one, as there is room for. */
function fitting(parts: readonly string[], room: number): readonly string[] {
  const end = parts.findIndex((part) => (room -= bytes(part)) < 0);
  return parts.slice(0, end < 0 ? undefined : end);
}

function cut(text: string, room: number): string {
  // It never writes half a character.
  return text.slice(0, encoder.encodeInto(text, new Uint8Array(room)).read);
}

function bytes(text: string): number {
  return encoder.encode(text).length;
}
