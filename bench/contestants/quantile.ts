/**
 * Returns a quantile of measurements; NaN if there are none.
 *
 * @param sorted The measurements, in order.
 * @param share The share of measurements that are no larger: 0.99 for the 99th percentile, 1 for the largest.
 */
export function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.floor((sorted.length - 1) * share)] ?? NaN;
}
