/** Characters outside ASCII that the live view draws, and their replacements on terminals without UTF-8. */

/** A set of characters, each one column wide. */
export interface Glyphs {
  /** Bars of rising height, one per level of round-trip times. */
  readonly bars: string;
  /** Replaces text that was cut. */
  readonly ellipsis: string;
}

/** Block elements. */
export const UNICODE: Glyphs = { bars: "▁▂▃▄▅▆▇█", ellipsis: "…" };
/** ASCII. */
export const ASCII: Glyphs = { bars: "12345678", ellipsis: "~" };
