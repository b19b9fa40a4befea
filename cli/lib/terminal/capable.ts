/** Which of our outputs are terminals that can move the cursor, and show colours. */

/** Where they can't, or are no terminals, lines are all that is printed. */
export const isCapable = {
  stdout: Deno.stdout.isTerminal() && !isDumb(),
  stderr: Deno.stderr.isTerminal() && !isDumb(),
} as const;

/** Nobody is asked for a permission for that: without it a terminal is taken for one of our days. */
function isDumb(): boolean {
  const { state } = Deno.permissions.querySync({ name: "env", variable: "TERM" });
  return state === "granted" && Deno.env.get("TERM") === "dumb";
}
