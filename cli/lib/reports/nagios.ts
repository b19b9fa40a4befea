/** A monitoring plugin's answer: https://www.monitoring-plugins.org/doc/guidelines.html */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import { print } from "../output.ts";
import { Tally } from "../tally.ts";
import type { Request } from "../targets/target.ts";
import { resultColumns } from "../text.ts";
import type { Report } from "./report.ts";

const STATES = ["OK", "WARNING", "CRITICAL", "UNKNOWN"] as const;

/** What a plugin says, by its exit status. */
type State = typeof STATES[number];

/** Targets that are told of, one by one: Nagios reads no more than 8 KiB. */
const SHOWN = 50;

/** What is told of a target, and its place. */
interface Part {
  readonly number: number;
  readonly text: string;
}

/** Gathers results for one line. */
export class Nagios implements Report {
  readonly #minUp: number | undefined;
  readonly #timeout: number;
  readonly #doubts: (results: number) => string[];
  readonly #tally = new Tally();
  readonly #troubles: Part[] = [];
  readonly #performance: Part[] = [];

  /**
   * @param minUp How many that are up are enough.
   * @param timeout The highest round trip time there can be, in ms.
   * @param doubts Says why so many results may not be all.
   */
  constructor(minUp: number | undefined, timeout: number, doubts: (results: number) => string[]) {
    this.#minUp = minUp;
    this.#timeout = timeout;
    this.#doubts = doubts;
  }

  /** The exit status. */
  get exitStatus(): number {
    return STATES.indexOf(this.#state);
  }

  take({ target, number }: Request, result: CheckResult): void {
    this.#tally.add(result.status);
    if (result.status !== "up" && this.#troubles.length < SHOWN) {
      const trouble = [target.text, ...resultColumns(target, result)].join(" ");
      // A bar would start the performance data.
      this.#troubles.push({ number, text: trouble.replaceAll("|", "_") });
    }
    if (number < SHOWN) {
      const value = result.status === "up" ? `${result.rtt.toFixed(3)}ms` : "U";
      this.#performance.push({ number, text: `${label(target.text)}=${value};;;0;${this.#timeout}` });
    }
  }

  end(): void {
    const { up, total } = this.#tally;
    const text = [...this.#doubts(total), `${up}/${total} up`, ...inOrder(this.#troubles)].join(", ");
    const all = [
      `up=${up};;${this.#minUp === undefined ? "" : `${this.#minUp}:`};0;${total}`,
      ...inOrder(this.#performance),
    ];
    print(nagiosLine(this.#state, `${text} | ${all.join(" ")}`));
  }

  get #state(): State {
    const { up, total, counts } = this.#tally;
    if (this.#doubts(total).length > 0) return "UNKNOWN";
    if (up === total && up >= (this.#minUp ?? 0)) return "OK";
    if (up >= (this.#minUp ?? total)) return "WARNING";
    return up + counts["local-error"] >= (this.#minUp ?? total) ? "UNKNOWN" : "CRITICAL";
  }
}

/** In the order of the targets, so that graphs and comparisons find the same in the same place. */
function inOrder(parts: readonly Part[]): string[] {
  return parts.toSorted((a, b) => a.number - b.number).map(({ text }) => text);
}

/**
 * Writes the line of a plugin.
 *
 * @param state What it says.
 * @param text Why.
 * @returns One line.
 */
export function nagiosLine(state: State, text: string): string {
  return `TCP ${state} - ${text}`;
}

/** In quotes, since brackets are in it; a quote, which a zone may have, is doubled. Labels can't have `=` or `|`. */
function label(text: string): string {
  return `'${text.replaceAll("'", "''").replace(/[=|]/g, "_")}'`;
}

/** The exit status of a plugin that can't tell. */
export const UNKNOWN: number = STATES.indexOf("UNKNOWN");
