/** Errors of a file that is no history of ours, or not ours alone. */

/** A file that is a database, but not ours. The message continues the file's name. */
export class ForeignFileError extends Error {
  override name = "ForeignFileError";
}

/** A file that another process writes to. */
export class FileInUseError extends Error {
  override name = "FileInUseError";
}
