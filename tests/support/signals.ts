/** Descriptors that Deno needs for signals. */

/**
 * Has Deno open its descriptors for signals now. It would open them in a later turn of its event loop, and it panics if
 * a script with a low limit has used up all descriptors by then.
 */
export function openSignalDescriptors(): void {
  const listener = () => {};
  Deno.addSignalListener("SIGUSR2", listener);
  Deno.removeSignalListener("SIGUSR2", listener);
}
