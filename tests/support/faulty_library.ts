/** The library with fault injection, only for tests. */

import { buildTests } from "../../tools/rust/build_tests.ts";

/** Its path. */
export const FAULTY_LIBRARY = decodeURIComponent(
  new URL("../../target/debug/libtcp_shaker.so", import.meta.url).pathname,
);

/**
 * Builds the library.
 *
 * @returns The indices of the calls that can fail, of ffi/src/sys/faults.rs, by their names.
 */
export async function buildFaultyLibrary(): Promise<Record<string, number>> {
  await buildTests();
  const source = await Deno.readTextFile(new URL("../../ffi/src/sys/faults.rs", import.meta.url));
  const [, list] = source.match(/^calls! \{(.*?)^\}/ms)!;
  return Object.fromEntries([...list.matchAll(/\w+/g)].map(([name], place) => [name, place]));
}
