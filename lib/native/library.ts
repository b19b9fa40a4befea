/** Lazy loader of the native library: finds and loads it when it is first needed. */

import config from "../../deno.json" with { type: "json" };
import { printable, quote } from "../quote.ts";
import { load, shaker_version } from "./bindings.ts";
import { bundledLibrary, SONAME } from "./bundle.ts";
import { isLoaded } from "./loaded.ts";
import { withSealedFile } from "./sealed_file.ts";

/** The path or name of the loaded library; `undefined` before it is loaded. */
let loaded: string | undefined;
/** Serializes loads. A failed load must not fail the next one, which may name another path. */
let lastLoad: Promise<unknown> = Promise.resolve();

/**
 * Loads the native library, unless it is already loaded. The call is optional: the first check loads the library.
 *
 * Call it with a path in programs that run with `--allow-ffi=PATH`, because the library in the module needs `--allow-ffi`
 * without a path. Call it before tests with Deno's resource sanitizer, because the library stays loaded.
 *
 * @param path The path of the library; by default the library in the module.
 * @returns A promise that resolves when the library is loaded.
 * @throws {TypeError} If `path` is neither a path nor a `file:` URL.
 * @throws {Deno.errors.NotCapable} If Deno was not run with `--allow-ffi`.
 * @throws {Error} If no candidate has a library of this module's version: the message lists each candidate with its error. Or if
 * the library is already loaded from another path.
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
  if (wanted !== undefined && (typeof wanted !== "string" || wanted === "")) {
    throw new TypeError(`Cannot load the library: path must be a path or a file: URL: ${quote(wanted)}`);
  }
  const loading = lastLoad.then(() => loadOnce(wanted));
  lastLoad = loading.catch(() => {});
  await loading;
}

async function loadOnce(wanted: string | undefined): Promise<void> {
  loaded ??= await find(wanted === undefined ? searchPath() : [file(wanted)]);
  if (wanted !== undefined && wanted !== loaded) {
    throw new Error(`Cannot load ${printable(wanted)}: the library is already loaded from ${printable(loaded)}`);
  }
}

/** Candidate where the library may be. */
interface Candidate {
  readonly name: string;
  load(): Promise<void> | void;
}

/** Loads the library from the first candidate that has it. Returns the name of the candidate. */
async function find(candidates: Candidate[]): Promise<string> {
  if (Deno.build.os !== "linux" && Deno.build.os !== "android") {
    throw new Error(`Cannot load the native library: half-open checks need Linux, this is ${Deno.build.os}`);
  }
  const failures: string[] = [];
  for (const candidate of candidates) {
    try {
      await candidate.load();
      checkVersion();
      return candidate.name;
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) throw error;
      // The dynamic linker's messages contain unescaped paths.
      failures.push(printable(`  ${candidate.name}: ${error instanceof Error ? error.message : error}`));
    }
  }
  throw new Error(
    `Cannot load the native library of tcp-shaker ${config.version}, tried:\n${failures.join("\n")}\n` +
      `Build it in a checkout of the module with "deno task build", and give its path to loadLibrary()`,
  );
}

/**
 * Search path of `loadLibrary()` without a path.
 *
 * A checkout's build comes before its bundle, because the bundle may be older than the sources.
 */
function searchPath(): Candidate[] {
  const build = new URL("../../target/release/libtcp_shaker.so", import.meta.url);
  // In an executable of deno compile this URL is below /tmp, where every user can create a library.
  const inCheckout = build.protocol === "file:" && !Deno.build.standalone;
  return inCheckout ? [file(filePath(build)), BUNDLE] : [BUNDLE];
}

function file(path: string): Candidate {
  return { name: path, load: () => load(path) };
}

/** The library in the module. */
const BUNDLE: Candidate = {
  name: "the library in the module",
  async load() {
    // One permission prompt. Otherwise each dlopen() below would prompt, again after a denial.
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
  if (url.protocol !== "file:") throw new TypeError(`Cannot load a library from ${url}: it is not a file: URL`);
  return decodeURIComponent(url.pathname);
}
