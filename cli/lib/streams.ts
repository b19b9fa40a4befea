/** Capabilities of the standard streams: terminals, and terminals with cursor control. */

/** Whether each stream is a terminal. Read at the start, because a closed terminal no longer counts as a terminal. */
export const isTerminal = {
  stdin: Deno.stdin.isTerminal(),
  stdout: Deno.stdout.isTerminal(),
  stderr: Deno.stderr.isTerminal(),
} as const;

/** Whether each output supports cursor control and colours. */
export const hasCursorControl = {
  stdout: isTerminal.stdout && !isDumb(),
  stderr: isTerminal.stderr && !isDumb(),
} as const;

/** Whether `TERM` is `dumb`; `false` without the permission to read it, which is not requested. */
function isDumb(): boolean {
  const { state } = Deno.permissions.querySync({ name: "env", variable: "TERM" });
  return state === "granted" && Deno.env.get("TERM") === "dumb";
}
