/**
 * Gives a quantile of measurements; NaN of none.
 *
 * @param sorted The measurements, in order.
 * @param share Which share of them is no larger: 0.99 for the 99th percentile, 1 for the largest.
 */
export function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.floor((sorted.length - 1) * share)] ?? NaN;
}
