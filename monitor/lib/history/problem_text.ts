/** Text of problems with the file of the history: what is wrong, and what to do. */

import { quote } from "@tcp-shaker/tcp-shaker/quote";

/** SQLite's messages: `node:sqlite` gives no other code. */
const CAUSES: readonly [message: RegExp, problem: string][] = [
  [/write access/, "the permission is missing: add --allow-write=FILE"],
  [/read access/, "the permission is missing: add --allow-read=FILE"],
  [/disk is full/, "the file system is full: free space, or lower database.max_size"],
  [/readonly database|read-only file system/i, "it is read-only: make it and its folder writable"],
  [/not a database|malformed/, "it is damaged: move it away, and a new one is made"],
  [/database is locked/, "another process writes to it: end that process"],
  [/is a directory/i, "it is a folder: name a file in it"],
  [/unable to open/, "it can't be opened: its folder must exist and be writable"],
  [/disk I\/O error/, "reading or writing failed (disk I/O error): look at the disk and its space"],
];

/** An error, as a worker can send it. */
export type ErrorText = Pick<Error, "name" | "message">;

/**
 * Explains an error of the database.
 *
 * @param error The error.
 * @param file The path of the file.
 * @returns What is wrong, with the path, and what to do.
 */
export function problemText({ name, message }: ErrorText, file: string): string {
  const subject = `Cannot use ${quote(file)}:`;
  if (name === "ForeignFileError") return `${subject} it ${message}`;
  if (name === "FileInUseError") {
    return `${subject} another process keeps its history there: end it, or choose another path`;
  }
  const known = CAUSES.find(([pattern]) => pattern.test(message));
  return `${subject} ${known?.[1] ?? message}`;
}
