/** Digests of manifests and chunks. */

/** The SHA-256 of some bytes, in hexadecimal digits. */
export async function digestOf(data: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", data)).toHex();
}
