/** Bundled native library, base64 in a module, because registries of modules carry modules only. */

import config from "../../deno.json" with { type: "json" };

/** Module that `deno task bundle` writes for each target. */
interface Bundle {
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
 * Without it each worker would load a copy of its own, and a loaded library stays until the process ends.
 */
export const SONAME = `libtcp_shaker-${config.version}.so`;

/** Loaders by target. The paths are literal so that Deno fetches them before the program starts; one is evaluated. */
const BUNDLES: Readonly<Record<string, () => Promise<Bundle>>> = {
  // @ts-ignore: A checkout has it only after `deno task bundle`.
  "x86_64-unknown-linux-gnu": () => import("./bundle/x86_64-unknown-linux-gnu.ts"),
  // @ts-ignore: As above.
  "aarch64-unknown-linux-gnu": () => import("./bundle/aarch64-unknown-linux-gnu.ts"),
};

/** The targets that have a bundled library. */
export const TARGETS: readonly string[] = Object.keys(BUNDLES);

/**
 * Unpacks the library for a target. `withSealedFile()` checks the digest later, after it has sealed the file.
 *
 * @throws {Error} If the target has no library.
 */
export async function bundledLibrary(target: string): Promise<BundledLibrary> {
  const bundle = BUNDLES[target];
  if (bundle === undefined) throw new Error(`it has no library for ${target}`);
  const { library, sha256 } = await bundle();
  // One chunk: a Blob's stream has many, and each takes a turn of the event loop.
  const compressed = ReadableStream.from([Uint8Array.fromBase64(library)]);
  const unpacked = new Response(compressed.pipeThrough(new DecompressionStream("brotli")));
  return { bytes: new Uint8Array(await unpacked.arrayBuffer()), sha256 };
}
