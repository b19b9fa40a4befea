/** Counts of results: up with mode "half-open", up with mode "full", others. */
export interface ResultCounts {
  up: number;
  full: number;
  other: number;
}
