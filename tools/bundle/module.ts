/** Packing of the library into a JSON module. */

import { brotliCompressSync, constants } from "node:zlib";
import type { Bundle } from "../../lib/native/bundle.ts";

/** Writes the module that lib/native/bundle.ts imports. */
export async function moduleText(library: Uint8Array<ArrayBuffer>, toolchain: string): Promise<string> {
  const sha256 = new Uint8Array(await crypto.subtle.digest("SHA-256", library)).toHex();
  const bundle: Bundle = { toolchain, sha256, library: compress(library).toBase64() };
  return `${JSON.stringify(bundle, null, 2)}\n`;
}

/** Brotli at the highest quality: compressed once, decompressed in every process. */
export function compress(library: Uint8Array): Uint8Array {
  const { BROTLI_PARAM_LGWIN, BROTLI_PARAM_SIZE_HINT, BROTLI_MAX_WINDOW_BITS } = constants;
  const params = { [BROTLI_PARAM_LGWIN]: BROTLI_MAX_WINDOW_BITS, [BROTLI_PARAM_SIZE_HINT]: library.length };
  return new Uint8Array(brotliCompressSync(library, { params }));
}
