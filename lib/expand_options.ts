/** Options of `expandTargets()`. */
export interface ExpandOptions {
  /**
   * Maximum number of targets: 1 or more, else a `RangeError`. The limit detects a mistyped prefix length.
   *
   * @default {65536}
   */
  limit?: number;
  /**
   * Default ports: `"443"`, `"80,443"`, `"8000-8100"`.
   *
   * @default {none: a text without ports is a `TypeError`}
   */
  ports?: string;
}
