/** An error in the arguments or the files. The message is one line: what is wrong, and what to do. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
