/** The state of a target list, for metrics and reports. */

/** The state of a target list. */
export interface ListStatus {
  /** Its type: `file_sd`, `http_sd` or `lines`. */
  readonly type: string;
  /** Its files or its number: never its URL, which may contain a password. */
  readonly name: string;
  /** How many targets it has. */
  readonly targets: number;
  /** How many of them were left out, because an earlier list or the configuration has the id. */
  readonly duplicates: number;
  /** Why the last read failed, so that the targets of the read before remain; absent if it was successful. */
  readonly problem?: string;
  /** When it was last read, in ms since 1970; absent if it never was. */
  readonly readAt?: number;
}
