/** The type check. */

import { exportedModules } from "./exported_modules.ts";
import type { Job } from "./job.ts";

/** Code that neither a package exports nor a test imports. */
const OTHERS = [
  ...["bench", "docs", "examples", "tools", "tests/soak"],
  ...["monitor/examples", "monitor/tests/soak", "monitor/tools"],
];

/**
 * The job that checks all types in one program: most of the time goes into modules that all parts share, and Deno caches
 * the result by the list of files, so that `deno task lint` and `deno task test:all` check once.
 *
 * @param tests The test files.
 * @param flags The flags of `deno test`.
 */
export function typesJob(tests: readonly string[], flags: readonly string[]): Job {
  const importMap = flags.filter((flag) => flag.startsWith("--import-map"));
  const args = ["check", "--quiet", ...importMap, ...exportedModules(), ...OTHERS, ...tests];
  return { name: "types", command: Deno.execPath(), args };
}
