/** The library that travels inside the module, for want of any other way: registries of modules carry modules only. */

import config from "../../deno.json" with { type: "json" };

/** What `deno task bundle` writes, a module a target. */
interface Bundle {
  /** The library: base64 of what Brotli made of it. */
  readonly library: string;
  /** The SHA-256 that the library should have, in hexadecimal digits. */
  readonly sha256: string;
}

/** A library, and what identifies it. */
export interface BundledLibrary {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly sha256: string;
}

/**
 * What a library calls itself once it is loaded, by which it is found again: other isolates of the process share it.
 *
 * Without that, each worker would load its own, which stays for good.
 */
export const SONAME = `libtcp_shaker-${config.version}.so`;

/** Literal paths, so that Deno has them before the program starts; only the one that is called for is evaluated. */
const BUNDLES: Readonly<Record<string, () => Promise<Bundle>>> = {
  // @ts-ignore: A checkout has it only after `deno task bundle`.
  "x86_64-unknown-linux-gnu": () => import("./bundle/x86_64-unknown-linux-gnu.ts"),
  // @ts-ignore: As above.
  "aarch64-unknown-linux-gnu": () => import("./bundle/aarch64-unknown-linux-gnu.ts"),
};

/** The targets for which there is a library. */
export const TARGETS: readonly string[] = Object.keys(BUNDLES);

/**
 * Unpacks the library for a target. Its digest is not checked: that is done once it can't be changed any more.
 *
 * @throws {Error} If there is none.
 */
export async function bundledLibrary(target: string): Promise<BundledLibrary> {
  const bundle = BUNDLES[target];
  if (bundle === undefined) throw new Error(`there is none for ${target}`);
  const { library, sha256 } = await bundle();
  // In one piece: a blob's stream would come in many, each through the event loop.
  const compressed = ReadableStream.from([Uint8Array.fromBase64(library)]);
  const unpacked = new Response(compressed.pipeThrough(new DecompressionStream("brotli")));
  return { bytes: new Uint8Array(await unpacked.arrayBuffer()), sha256 };
}
