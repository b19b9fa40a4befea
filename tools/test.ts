/**
 * Runs all tests, TypeScript's and Rust's, and ends with a line that counts them.
 *
 * Arguments go to `deno test`; with any, Rust's tests are left out: `deno task test tests/api/outcomes_test.ts`.
 */

import { runAll, runSome } from "./suite.ts";

const { passed, failed, skipped, ok } = Deno.args.length > 0 ? await runSome(Deno.args) : await runAll();
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
Deno.exit(ok && failed === 0 && passed > 0 ? 0 : 1);
