/** Formats a whole number with separators. */
export function show(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: 0 });
}
