/** Arguments that make no sense. Its message is for the user: one line that says what and how to mend it. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
