/** An error in the arguments or the files. Its message is one line for the user: what is wrong, and what to do. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
