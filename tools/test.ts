/**
 * Runs the tests of TypeScript and Rust, and prints the counts last.
 *
 * Without arguments it runs all but those of tests/slow/; with `--all`, all, and writes their evidence. Any other
 * arguments go to `deno test`, and Rust's tests are left out: `deno task test tests/api/outcomes_test.ts`.
 */

import { runAndWriteEvidence } from "./evidence/write.ts";
import { runAll, runSome } from "./suite/suite.ts";

const { passed, failed, skipped, ok } = await run(Deno.args);
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
Deno.exit(ok && failed === 0 && passed > 0 ? 0 : 1);

function run(args: string[]) {
  if (args.length === 0) return runAll(false);
  return args[0] === "--all" ? runAndWriteEvidence() : runSome(args);
}
