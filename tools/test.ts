/**
 * Runs the tests of TypeScript and Rust, and prints the counts last.
 *
 * Without arguments it runs all but those of tests/slow/; with `--all`, all. Any other arguments go to `deno test`, and
 * Rust's tests are left out: `deno task test tests/api/outcomes_test.ts`.
 */

import { runAll, runSome } from "./suite/suite.ts";

const { args } = Deno;
const some = args.length > 0 && args[0] !== "--all";
const { passed, failed, skipped, ok } = some ? await runSome(args) : await runAll(args[0] === "--all");
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
Deno.exit(ok && failed === 0 && passed > 0 ? 0 : 1);
