/** Finds and loads the native library, once, when it is first needed. */

import config from "../deno.json" with { type: "json" };
import { load, shaker_version } from "./bindings.ts";

let loaded = false;

/**
 * Loads the native library, unless it is loaded already.
 *
 * @throws {Deno.errors.NotCapable} If Deno was not run with `--allow-ffi`.
 * @throws {Error} If there is no library of this version; the message lists each place tried and how to build it.
 */
export function loadLibrary(): void {
  if (loaded) return;
  if (Deno.build.os !== "linux") {
    throw new Error(`Cannot load the native library: half-open checks need Linux, this is ${Deno.build.os}`);
  }
  const failures: string[] = [];
  for (const path of candidates()) {
    try {
      load(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) throw error;
      failures.push(`  ${path}: ${error instanceof Error ? error.message : error}`);
      continue;
    }
    const version = versionText(shaker_version());
    if (version === config.version) {
      loaded = true;
      return;
    }
    failures.push(`  ${path}: it is version ${version}, this module needs ${config.version}`);
  }
  throw new Error(
    `Cannot load the native library of tcp-shaker ${config.version}, tried:\n${failures.join("\n")}\n` +
      `Build it in a checkout of the module with: deno task build`,
  );
}

/** Where a checkout has its library. */
function candidates(): string[] {
  const library = new URL("../target/release/libtcp_shaker.so", import.meta.url);
  return [library.protocol === "file:" ? decodeURIComponent(library.pathname) : library.href];
}

function versionText(version: number): string {
  return `${version >>> 16}.${version >>> 8 & 0xff}.${version & 0xff}`;
}
