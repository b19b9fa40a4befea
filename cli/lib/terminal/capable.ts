/** Which of our files are terminals, and what these can do. */

/** Which are terminals. Asked for at the start: one that was closed is none any more. */
export const isTerminal = {
  stdin: Deno.stdin.isTerminal(),
  stdout: Deno.stdout.isTerminal(),
  stderr: Deno.stderr.isTerminal(),
} as const;

/** Which of our outputs can move the cursor, and show colours. On others lines are all that is printed. */
export const isCapable = {
  stdout: isTerminal.stdout && !isDumb(),
  stderr: isTerminal.stderr && !isDumb(),
} as const;

/** Nobody is asked for a permission for that: without it a terminal is taken for one of our days. */
function isDumb(): boolean {
  const { state } = Deno.permissions.querySync({ name: "env", variable: "TERM" });
  return state === "granted" && Deno.env.get("TERM") === "dumb";
}
