/** Rows of the live view: their order, and the filter. */

import type { TargetState } from "@tcp-shaker/monitor";
import type { Target } from "../target.ts";
import { detailText } from "../text.ts";
import type { Sparkline } from "./sparkline.ts";

/** Keys to sort the rows by. */
export type Sort = "state" | "given" | "target" | "rtt" | "loss" | "change";

/** Row of the live view: a target, its state and its sparkline. */
export interface Row {
  readonly target: Target;
  /** The target in ASCII, because the width of other characters depends on the terminal. */
  readonly label: string;
  readonly state: TargetState;
  readonly sparkline: Sparkline;
}

/**
 * Formats a target in ASCII.
 *
 * @param target The target.
 * @returns The target as given, or the ASCII form (IDNA) of its name and the port.
 */
export function labelOf({ text, hostname, port }: Target): string {
  return /^[\x20-\x7e]*$/.test(text) ? text : `${URL.parse(`http://${hostname}`)?.hostname ?? "?"}:${port}`;
}

/** Returns the share of failed checks among the checks that are not neutral; 0 without failures. */
export function lossOf({ checks, neutral, failures }: TargetState): number {
  return failures === 0 ? 0 : failures / (checks - neutral);
}

/**
 * Selects rows by a filter.
 *
 * @param rows The rows.
 * @param filter Substring of the target, the state or the last result, ignoring case; "" for all rows.
 * @returns The matching rows.
 */
export function filtered(rows: readonly Row[], filter: string): readonly Row[] {
  if (filter === "") return rows;
  const part = filter.toLowerCase();
  return rows.filter(({ target, label, state: { state, result } }) => {
    const outcome = result === undefined ? "" : `${result.status} ${detailText(result)}`;
    return [target.text, label, state, outcome].some((text) => text.toLowerCase().includes(part));
  });
}

const RANKS: Readonly<Record<TargetState["state"], number>> = { down: 0, unknown: 1, maintenance: 2, up: 3 };
const COLLATOR = new Intl.Collator("en", { numeric: true });

/** Comparisons of rows. Equal rows keep the given order. */
const COMPARE: Readonly<Record<Sort, (a: Row, b: Row) => number>> = {
  given: () => 0,
  target: (a, b) => COLLATOR.compare(a.label, b.label),
  state: (a, b) => RANKS[a.state.state] - RANKS[b.state.state],
  rtt: (a, b) => rttOf(b.state) - rttOf(a.state) || 0,
  loss: (a, b) => lossOf(b.state) - lossOf(a.state),
  change: (a, b) => b.state.since - a.state.since,
};

/**
 * Sorts rows.
 *
 * @param rows The rows.
 * @param sort What to sort by; by state, targets that are not up come first.
 * @returns The rows in their order.
 */
export function sorted(rows: readonly Row[], sort: Sort): readonly Row[] {
  return rows.toSorted(COMPARE[sort]);
}

/** Targets without a round-trip time come first. */
function rttOf({ result }: TargetState): number {
  return result?.status === "up" ? result.rtt : Infinity;
}
