/** A configuration before its files are read: plain data, which `postMessage()` can transfer. */

import type { Configuration } from "./configuration.ts";

/** A configuration whose secrets are references, and whose module file is a path. */
export interface ParsedConfiguration extends Omit<Configuration, "probe"> {
  /** The endpoint `/probe`. */
  readonly probe?: { readonly allow: readonly string[]; readonly modulesFile?: string };
}
