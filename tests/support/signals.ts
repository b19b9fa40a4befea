/** Descriptors that Deno needs for signals. */

/**
 * Makes Deno open its descriptors for signals. Otherwise Deno opens them in a later turn of the event loop, and panics if
 * a script with a low limit has used all descriptors by then.
 */
export function openSignalDescriptors(): void {
  const listener = () => {};
  Deno.addSignalListener("SIGUSR2", listener);
  Deno.removeSignalListener("SIGUSR2", listener);
}
