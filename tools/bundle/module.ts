/** Packing of the library into a TypeScript module. */

import { brotliCompressSync, constants } from "node:zlib";

/** Writes the module that lib/native/bundle.ts imports. */
export async function moduleText(library: Uint8Array<ArrayBuffer>, toolchain: string): Promise<string> {
  const sha256 = new Uint8Array(await crypto.subtle.digest("SHA-256", library)).toHex();
  return [
    `// Written by "deno task bundle", with ${toolchain}.`,
    "",
    `export const sha256: string = "${sha256}";`,
    `export const library: string = "${compress(library).toBase64()}";`,
    "",
  ].join("\n");
}

/** Brotli at the highest quality: compressed once, decompressed in every process. */
export function compress(library: Uint8Array): Uint8Array {
  const { BROTLI_PARAM_LGWIN, BROTLI_PARAM_SIZE_HINT, BROTLI_MAX_WINDOW_BITS } = constants;
  const params = { [BROTLI_PARAM_LGWIN]: BROTLI_MAX_WINDOW_BITS, [BROTLI_PARAM_SIZE_HINT]: library.length };
  return new Uint8Array(brotliCompressSync(library, { params }));
}
