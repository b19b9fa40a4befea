/** Options of the expansion of targets. */

/** Options of `expandTargets()`. */
export interface ExpandOptions {
  /**
   * Number of targets, at most: 1 or more, else a `RangeError`. It guards against a mistyped prefix length.
   *
   * @default {65536}
   */
  limit?: number;
  /**
   * Ports of a text that has none: `"443"`, `"80,443"`, `"8000-8100"`.
   *
   * @default {a text without ports is a `TypeError`}
   */
  ports?: string;
}
