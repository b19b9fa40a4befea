/** Time to detect that a target went down, in closed form. */

/** What the time to detect depends on: options of a target, in ms. */
export interface Settings {
  readonly interval: number;
  readonly fastInterval: number;
  readonly timeout: number;
  readonly fall: number;
  readonly spread: number;
}

/** Times in ms. */
export interface DetectionTime {
  readonly mean: number;
  readonly worst: number;
}

/**
 * The time from the failure of a target whose last checks passed until its state is down, without the round-trip time
 * and without skipped slots.
 *
 * @param settings The target's options.
 * @param failsAfter How long a failed check takes: `timeout` if the host is silent, 0 if it answers with a RST.
 * @returns The mean over all moments of an interval, and the worst case.
 */
export function detectionTime(
  { interval, fastInterval, fall, spread }: Settings,
  failsAfter: number,
): DetectionTime {
  const [shortest, longest] = [fastInterval * (1 - spread), fastInterval * (1 + spread)];
  return {
    // A check passed just before the target failed.
    worst: interval * (1 + spread) + (fall - 1) * Math.max(longest, failsAfter) + failsAfter,
    mean: meanWait(interval, spread) + (fall - 1) * meanOfMax(shortest, longest, failsAfter) + failsAfter,
  };
}

/**
 * The mean time from a random moment until the next slot: E(gap²) / 2 E(gap). Each slot strays uniformly by up to
 * `spread / 2` intervals from its place, so the variance of a gap is `(spread * interval)² / 6`.
 */
function meanWait(interval: number, spread: number): number {
  return interval / 2 * (1 + spread ** 2 / 6);
}

/** The mean of the larger of a number and a random one, uniform from `low` to `high`. */
function meanOfMax(low: number, high: number, least: number): number {
  if (least <= low) return (low + high) / 2;
  if (least >= high) return least;
  return (least * (least - low) + (high ** 2 - least ** 2) / 2) / (high - low);
}
