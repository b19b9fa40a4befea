/** Digests of manifests and chunks. */

/** Returns the SHA-256 of bytes, in hexadecimal digits. */
export async function digestOf(data: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", data)).toHex();
}
