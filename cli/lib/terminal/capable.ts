/** Capabilities of the standard streams: terminals, and terminals with cursor control. */

/** Whether each stream is a terminal. Read at the start, because a terminal that was closed is not one any more. */
export const isTerminal = {
  stdin: Deno.stdin.isTerminal(),
  stdout: Deno.stdout.isTerminal(),
  stderr: Deno.stderr.isTerminal(),
} as const;

/** Whether each output can move the cursor and show colours. Others get lines only. */
export const isCapable = {
  stdout: isTerminal.stdout && !isDumb(),
  stderr: isTerminal.stderr && !isDumb(),
} as const;

/** Whether `TERM` is `dumb`. Without the permission to read it, which is not requested, the terminal counts as capable. */
function isDumb(): boolean {
  const { state } = Deno.permissions.querySync({ name: "env", variable: "TERM" });
  return state === "granted" && Deno.env.get("TERM") === "dumb";
}
