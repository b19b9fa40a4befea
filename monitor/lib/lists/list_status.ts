/** The state of a target list, for metrics and reports. */

/** The state of a target list. */
export interface ListStatus {
  /** Its type: `file_sd`, `http_sd` or `lines`; `fleet` in a hub. */
  readonly type: string;
  /** Its files, or its number, or `fleet` in a hub: never its URL, which may contain a password. */
  readonly name: string;
  /** Number of its targets. */
  readonly targets: number;
  /** Number of its targets that were ignored, because an earlier list or the configuration has the id. */
  readonly duplicates: number;
  /**
   * Why the last read failed; absent if it was successful. After a failure the targets of the previous read are kept.
   */
  readonly problem?: string;
  /** When it was last read, in ms since 1970; absent if it never was. */
  readonly readAt?: number;
}
