/** Boot ids: each identifies one process of an agent or hub. */

/** Creates a boot id: 16 random hexadecimal digits. */
export function newBootId(): string {
  return crypto.getRandomValues(new Uint8Array(8)).toHex();
}
