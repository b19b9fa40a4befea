/** Text of problems with the file of the history: what is wrong, and what to do. */

import { quote } from "@tcp-shaker/tcp-shaker/quote";
import { ForeignFileError } from "./schema.ts";

/** A lock that another process holds. */
export class FileInUseError extends Error {}

/** SQLite's messages: `node:sqlite` gives no other code. */
const CAUSES: readonly [message: RegExp, problem: string][] = [
  [/disk is full/, "the file system is full: free space, or lower database.max_size"],
  [/readonly database|read-only file system/i, "it is read-only: make it and its folder writable"],
  [/not a database|malformed/, "it is damaged: move it away, and a new one is made"],
  [/database is locked/, "another process writes to it: end that process"],
  [/unable to open/, "it can't be opened: its folder must exist and be writable"],
  [/disk I\/O error/, "reading or writing failed (disk I/O error): look at the disk and its space"],
];

/**
 * Explains an error of the database.
 *
 * @param error The error.
 * @param file The path of the file.
 * @returns What is wrong, with the path, and what to do.
 */
export function problemText(error: unknown, file: string): string {
  const message = error instanceof Error ? error.message : String(error);
  const name = quote(file);
  if (error instanceof ForeignFileError) return `Cannot use ${name}: it ${message}`;
  if (error instanceof FileInUseError) {
    return `Cannot use ${name}: another process keeps its history there: end it, or choose another path`;
  }
  const known = CAUSES.find(([pattern]) => pattern.test(message));
  return `Cannot use ${name}: ${known?.[1] ?? message}`;
}
