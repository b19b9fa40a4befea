/** Durations in Prometheus' format: `500ms`, `2s`, `1m30s`. */

/** The units of the groups of {@linkcode DURATION}, in ms. */
const UNITS = [["d", 86_400_000], ["h", 3_600_000], ["m", 60_000], ["s", 1000], ["ms", 1]] as const;

/** Matches a duration: numbers with units, the largest first. The JSON Schema contains it, so it must be portable. */
export const DURATION =
  /^(?=\d)(?:(\d+(?:\.\d+)?)d)?(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$/;

/**
 * Parses a duration.
 *
 * @param text The duration; it matches {@linkcode DURATION}.
 * @returns The duration in ms.
 */
export function parseDuration(text: string): number {
  const [, ...numbers] = text.match(DURATION)!;
  return UNITS.reduce((sum, [, ms], index) => sum + Number(numbers[index] ?? 0) * ms, 0);
}

/**
 * Formats a duration: the inverse of {@linkcode parseDuration}.
 *
 * @param ms The duration in ms.
 * @returns `"1m30s"`, `"500ms"`, `"0s"`.
 */
export function formatDuration(ms: number): string {
  let [rest, text] = [ms, ""];
  for (const [unit, size] of UNITS) {
    const count = unit === "ms" ? rest : Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text || "0s";
}
