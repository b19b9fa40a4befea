/** The state of a target list, for metrics and reports. */

/** The state of a target list. */
export interface ListStatus {
  /** The type: `file_sd`, `http_sd` or `lines`; `fleet` in a hub. */
  readonly type: string;
  /** The files or the index of the list; `fleet` in a hub. Never the URL, because it may contain a password. */
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
