/** Names of processes. */

/** Makes a name that no other process has: 16 hexadecimal digits at random. */
export function newBoot(): string {
  return crypto.getRandomValues(new Uint8Array(8)).toHex();
}
