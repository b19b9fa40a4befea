/** Finds and loads the native library, once, when it is first needed. */

import config from "../../deno.json" with { type: "json" };
import { printable } from "../quote.ts";
import { load, shaker_version } from "./bindings.ts";
import { bundledLibrary, SONAME } from "./bundle.ts";
import { isLoaded } from "./loaded.ts";
import { withSealedFile } from "./sealed_file.ts";

/** Where the library was loaded from, once it is. */
let loaded: string | undefined;
/** Whoever wants it loaded has his turn: that another one could not be loaded says nothing of his. */
let turn: Promise<unknown> = Promise.resolve();

/**
 * Loads the native library, unless it is loaded already. There is no need to call it: the first check does.
 *
 * Call it with a path where programs run with `--allow-ffi=PATH`: without one, the library in the module is loaded,
 * for which Deno wants `--allow-ffi` as it is. Or call it where tests are watched for leaks, before the first one:
 * the library stays loaded.
 *
 * @param path Where the library is, if it isn't to be the one in the module.
 * @returns A promise that resolves when it is loaded.
 * @throws {Deno.errors.NotCapable} If Deno was not run with `--allow-ffi`.
 * @throws {Error} If there is no library that fits this module, with each place tried and what was wrong with it; or if
 * another one is loaded than the one asked for.
 *
 * @example
 * ```ts ignore
 * import { checkAddr, loadLibrary } from "@tcp-shaker/tcp-shaker";
 *
 * await loadLibrary("/opt/tcp-shaker/libtcp_shaker.so");
 * console.log(await checkAddr("127.0.0.1:22"));
 * ```
 */
export async function loadLibrary(path?: string | URL): Promise<void> {
  const wanted = path instanceof URL ? filePath(path) : path;
  const loading = turn.then(() => loadOnce(wanted));
  turn = loading.catch(() => {});
  await loading;
}

async function loadOnce(wanted: string | undefined): Promise<void> {
  loaded ??= await find(wanted === undefined ? places() : [file(wanted)]);
  if (wanted !== undefined && wanted !== loaded) {
    throw new Error(`Cannot load ${printable(wanted)}: the library is loaded already, from ${printable(loaded)}`);
  }
}

/** Somewhere to load the library from. */
interface Place {
  readonly name: string;
  load(): Promise<void> | void;
}

/** Tries places in turn. Gives the name of the first that has the library. */
async function find(places: Place[]): Promise<string> {
  if (Deno.build.os !== "linux") {
    throw new Error(`Cannot load the native library: half-open checks need Linux, this is ${Deno.build.os}`);
  }
  const failures: string[] = [];
  for (const place of places) {
    try {
      await place.load();
      checkVersion();
      return place.name;
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) throw error;
      // The dynamic linker has paths in its messages as they are.
      failures.push(printable(`  ${place.name}: ${error instanceof Error ? error.message : error}`));
    }
  }
  throw new Error(
    `Cannot load the native library of tcp-shaker ${config.version}, tried:\n${failures.join("\n")}\n` +
      `Build it in a checkout of the module with "deno task build", and give its path to loadLibrary()`,
  );
}

/**
 * Where the library is looked for when nobody says where it is.
 *
 * In a checkout its own build comes first: a bundle that was made there may be older than the sources.
 */
function places(): Place[] {
  const build = new URL("../../target/release/libtcp_shaker.so", import.meta.url);
  // What deno compile has made says that it is below /tmp, where anybody may put a library.
  const inCheckout = build.protocol === "file:" && !Deno.build.standalone;
  return inCheckout ? [file(filePath(build)), BUNDLE] : [BUNDLE];
}

function file(path: string): Place {
  return { name: path, load: () => load(path) };
}

/** The library in the module. */
const BUNDLE: Place = {
  name: "the library in the module",
  async load() {
    // One question, instead of one for each thing that is loaded on the way: who said no would be asked again, too.
    const { state } = await Deno.permissions.request({ name: "ffi" });
    if (state !== "granted") {
      throw new Deno.errors.NotCapable("Requires ffi access, run again with the --allow-ffi flag");
    }
    if (isLoaded(SONAME)) return load(SONAME);
    const { bytes, sha256 } = await bundledLibrary(Deno.build.target);
    await withSealedFile(bytes, sha256, load);
  },
};

function checkVersion(): void {
  const number = shaker_version();
  const version = `${number >>> 16}.${number >>> 8 & 0xff}.${number & 0xff}`;
  if (version !== config.version) throw new Error(`it is version ${version}, this module needs ${config.version}`);
}

function filePath(url: URL): string {
  if (url.protocol !== "file:") throw new TypeError(`Cannot load a library from ${url}: it is no file`);
  return decodeURIComponent(url.pathname);
}
