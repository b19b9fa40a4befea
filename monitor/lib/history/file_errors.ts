/** Errors of a file that is not a history, or that another process writes to. */

/** The file belongs to another program or version. The message is a predicate: "is a database of ...". */
export class ForeignFileError extends Error {
  override name = "ForeignFileError";
}

/** Another process has opened the file for writing. */
export class FileInUseError extends Error {
  override name = "FileInUseError";
}
