/** Durations as Prometheus writes them: `500ms`, `2s`, `1m30s`. */

/** The units of {@linkcode DURATION}'s groups, in ms. */
const UNITS = [86_400_000, 3_600_000, 60_000, 1000, 1];

/** Matches a duration: numbers with units, the largest unit first. Other languages' validators read it in the JSON Schema. */
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
  return UNITS.reduce((sum, ms, index) => sum + Number(numbers[index] ?? 0) * ms, 0);
}
