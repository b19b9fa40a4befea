/** Error messages about the file of the history. */

import { quote } from "@tcp-shaker/tcp-shaker/quote";

/** Explanations by SQLite's message, because `node:sqlite` has no error codes for them. */
const CAUSES: readonly [message: RegExp, problem: string][] = [
  [/write access/, "the permission is missing: add --allow-write=FILE"],
  [/read access/, "the permission is missing: add --allow-read=FILE"],
  [/disk is full/, "the file system is full: free space, or lower database.max_size"],
  [/readonly database|read-only file system/i, "it is read-only: make it and its folder writable"],
  [/not a database/, "it is not an SQLite database, or it is damaged: choose another path, or move it away"],
  [/malformed/, "it is damaged: move it away, so that a new file is created"],
  [/database is locked/, "another process has locked it: end that process"],
  [/is a directory/i, "it is a folder: give the path of a file"],
  [/unable to open|No such file/, "it can't be opened: create its folder, or make the folder writable"],
  [/disk I\/O error/, "reading or writing failed (disk I/O error): check the disk and its free space"],
];

/** Explanations for a process that only reads the file. */
const CAUSES_OF_READERS: typeof CAUSES = [
  [
    /readonly database|unable to open/,
    "it can't be read: make it readable and its folder writable, or copy it to another folder, with its -wal file, if any",
  ],
];

/** The fields of an error that a worker can send. */
export type ErrorText = Pick<Error, "name" | "message">;

/**
 * Explains an error of the database.
 *
 * @param error The error.
 * @param file The path of the file.
 * @param isReader Whether the file was opened for reading only.
 * @returns What is wrong, with the path, and what to do.
 */
export function problemText({ name, message }: ErrorText, file: string, isReader = false): string {
  const subject = `Cannot use ${quote(file)}:`;
  if (name === "ForeignFileError") return `${subject} it ${message}`;
  if (name === "FileInUseError") {
    return `${subject} another process writes to it: end that process, or choose another path`;
  }
  const known = [...isReader ? CAUSES_OF_READERS : [], ...CAUSES].find(([pattern]) => pattern.test(message));
  return `${subject} ${known?.[1] ?? message}`;
}
