/** Durations as Prometheus writes them: `500ms`, `2s`, `1m30s`. */

const UNITS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;

/** Matches a duration: numbers with units, the largest unit first. */
export const DURATION =
  /^(?=\d)(?:(?<d>\d+(?:\.\d+)?)d)?(?:(?<h>\d+(?:\.\d+)?)h)?(?:(?<m>\d+(?:\.\d+)?)m)?(?:(?<s>\d+(?:\.\d+)?)s)?(?:(?<ms>\d+(?:\.\d+)?)ms)?$/;

/**
 * Parses a duration.
 *
 * @param text The duration; it matches {@linkcode DURATION}.
 * @returns The duration in ms.
 */
export function parseDuration(text: string): number {
  const { groups = {} } = text.match(DURATION)!;
  return Object.entries(UNITS).reduce((sum, [unit, ms]) => sum + Number(groups[unit] ?? 0) * ms, 0);
}
