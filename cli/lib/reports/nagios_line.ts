/** Formats the output line of a monitoring plugin: https://www.monitoring-plugins.org/doc/guidelines.html */

import { printable } from "@tcp-shaker/tcp-shaker/quote";

/** The states of a plugin, in the order of their exit statuses. */
export const STATES = ["OK", "WARNING", "CRITICAL", "UNKNOWN"] as const;

/** The state of a plugin. */
export type State = typeof STATES[number];

/** The exit status of the state UNKNOWN. */
export const UNKNOWN: number = STATES.indexOf("UNKNOWN");

/** Maximum number of entries about single results, in the text and in the performance data each. */
export const MAX_ENTRIES = 50;

/** Bytes of the text and of the performance data each: Nagios reads 8 KiB of a plugin (MAX_PLUGIN_OUTPUT_LENGTH). */
const MAX_BYTES = 4000;
/** Bytes reserved for the number of omitted problems. */
const OMITTED_BYTES = ", 4503599627370496 more".length;

const encoder = new TextEncoder();

/** The parts of a line, unescaped. */
export interface NagiosLine {
  readonly state: State;
  /** The first part of the text; cut only if it is too long by itself. */
  readonly summary: string;
  /** Problems of single targets, in order. */
  readonly problems?: readonly string[];
  /** Number of problems that are not listed. */
  readonly omitted?: number;
  /** Performance data, the most important first. */
  readonly performance?: readonly Metric[];
}

/** An item of performance data. */
export interface Metric {
  readonly label: string;
  /** The value, with its unit, thresholds and range. */
  readonly value: string;
}

/**
 * Formats the line of a plugin in less than 8 KiB. Problems that don't fit are counted, metrics that don't fit dropped.
 */
export function nagiosLine({ state, summary, problems = [], omitted = 0, performance = [] }: NagiosLine): string {
  const head = cut(`TCP ${state} - ${escaped(summary)}`, MAX_BYTES);
  const shown = fitting(problems.map((problem) => `, ${escaped(problem)}`), MAX_BYTES - bytes(head) - OMITTED_BYTES);
  const rest = omitted + problems.length - shown.length;
  const labels = new UniqueLabels();
  const data = fitting(performance.map(({ label, value }) => ` ${labels.next(label)}=${value}`), MAX_BYTES);
  return `${head}${shown.join("")}${rest > 0 ? `, ${rest} more` : ""}${data.length > 0 ? ` |${data.join("")}` : ""}`;
}

/** Makes labels of performance data unique, because they identify the graphs. */
class UniqueLabels {
  readonly #used = new Set<string>();

  /** Quotes a label, because targets may contain brackets, and numbers a repeated one. */
  next(text: string): string {
    // A quote is escaped by doubling it. The equals sign and the bar have no escape.
    const base = escaped(text).replaceAll("'", "''").replaceAll("=", "_");
    let label = base;
    for (let i = 2; this.#used.has(label); i++) label = `${base} #${i}`;
    this.#used.add(label);
    return /^\w+$/.test(label) ? label : `'${label}'`;
  }
}

/**
 * Escapes line ends and control characters, and replaces the bar, which starts performance data and has no escape.
 *
 * @param text Any text.
 * @returns The escaped text.
 */
function escaped(text: string): string {
  return printable(text.replace(/\s+/g, " ")).replaceAll("|", "_");
}

/** Returns the first parts that fit into a number of bytes. */
function fitting(parts: readonly string[], maxBytes: number): readonly string[] {
  const end = parts.findIndex((part) => (maxBytes -= bytes(part)) < 0);
  return parts.slice(0, end < 0 ? undefined : end);
}

function cut(text: string, maxBytes: number): string {
  // encodeInto() never splits a character.
  return text.slice(0, encoder.encodeInto(text, new Uint8Array(maxBytes)).read);
}

function bytes(text: string): number {
  return encoder.encode(text).length;
}
