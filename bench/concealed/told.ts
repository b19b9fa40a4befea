/** Counts of results: up with mode "half-open", up with mode "full", others. */
export interface Told {
  up: number;
  full: number;
  other: number;
}
