/** A whole number for people. */
export function show(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: 0 });
}
