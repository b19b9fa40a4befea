/** Formatting of numbers and tables. */

import { markdownTable } from "npm:markdown-table@3.1.0";

/**
 * Makes a Markdown table, the first column aligned left and the others right.
 *
 * @param rows The heading, and the rows.
 */
export function table(rows: string[][]): string {
  return markdownTable(rows, { align: rows[0].map((_, column) => column === 0 ? "l" : "r") });
}

/** The median; NaN of an empty list. */
export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle) - 1]) / 2;
}

/** A number with a fixed count of decimals, or a dash if it is absent. */
export function formatNumber(value: number, decimals: number): string {
  if (Number.isNaN(value)) return "-";
  return value.toLocaleString("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}
