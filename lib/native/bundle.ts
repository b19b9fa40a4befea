/** Bundled native library: base64 in a JSON module, because JSR publishes only modules. */

import config from "../../deno.json" with { type: "json" };

/** JSON module that `deno task bundle` writes for each target. JSON, because Deno imports it faster than code. */
export interface Bundle {
  /** The versions of the compiler and the linker, because other versions may produce other bytes. */
  readonly toolchain: string;
  /** The library, compressed with Brotli, in base64. */
  readonly library: string;
  /** The expected SHA-256 of the library, in hexadecimal digits. */
  readonly sha256: string;
}

/** Unpacked library with its expected digest. */
export interface BundledLibrary {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly sha256: string;
}

/**
 * `DT_SONAME` of the library, by which the isolates of a process find the loaded library and share it.
 *
 * Without it each worker would load a copy, which would stay loaded until the process ends.
 */
export const SONAME = `libtcp_shaker-${config.version}.so`;

/** Importers by target. The paths are literals, so that Deno fetches all modules before the program starts. */
const BUNDLES: Readonly<Record<string, () => Promise<{ default: Bundle }>>> = {
  // @ts-ignore: In a checkout the module exists only after `deno task bundle`.
  "x86_64-unknown-linux-gnu": () => import("./bundle/x86_64-unknown-linux-gnu.json", { with: { type: "json" } }),
  // @ts-ignore: As above.
  "aarch64-unknown-linux-gnu": () => import("./bundle/aarch64-unknown-linux-gnu.json", { with: { type: "json" } }),
};

/** The targets that have a bundled library. */
export const TARGETS: readonly string[] = Object.keys(BUNDLES);

/**
 * Unpacks the library for a target. Does not compare the digest: `withSealedFile()` does, after it has sealed the file.
 *
 * @throws {Error} If the target has no library.
 */
export async function bundledLibrary(target: string): Promise<BundledLibrary> {
  const bundle = BUNDLES[target];
  if (bundle === undefined) throw new Error(`it has no library for ${target}`);
  const { library, sha256 } = (await bundle()).default;
  return { bytes: await decompress(Uint8Array.fromBase64(library)), sha256 };
}

/** Decompresses Brotli. Without a `Response` to join the chunks, because the first one of a process takes 5 ms. */
async function decompress(compressed: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const { readable, writable } = new DecompressionStream("brotli");
  const writer = writable.getWriter();
  const [chunks] = await Promise.all([Array.fromAsync(readable), writer.write(compressed), writer.close()]);
  const bytes = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
