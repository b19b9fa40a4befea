/** The state of a target list, for metrics and reports. */

/** The state of a target list. */
export interface ListStatus {
  /** Its type: `file_sd`, `http_sd` or `lines`; `fleet` in a hub. */
  readonly type: string;
  /** Its files, or its number, or `fleet` in a hub: never its URL, which may contain a password. */
  readonly name: string;
  /** Number of targets. */
  readonly targets: number;
  /** Number of targets that are ignored, because the configuration or an earlier list has the same id. */
  readonly duplicates: number;
  /** Why the last read failed; absent if it succeeded. After a failure the previous targets are kept. */
  readonly problem?: string;
  /** When the list was last read, in ms since 1970; absent before the first read. */
  readonly readAt?: number;
}
