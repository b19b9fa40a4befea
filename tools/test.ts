/**
 * Runs all tests, TypeScript's and Rust's, and ends with a line that counts them. That docs/evidence.md says what they
 * have proved is one more test.
 *
 * Arguments go to `deno test`; with any, Rust's tests are left out: `deno task test tests/timeout_test.ts`.
 */

import { DOCUMENT, gather } from "./evidence/gather.ts";
import { staleness } from "./evidence/staleness.ts";
import { type Outcome, runSome } from "./suite.ts";

const { passed, failed, skipped, ok } = Deno.args.length > 0 ? await runSome(Deno.args) : await runAllAndCompare();
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
Deno.exit(ok && failed === 0 && passed > 0 ? 0 : 1);

async function runAllAndCompare(): Promise<Outcome> {
  const { outcome, evidence } = await gather();
  const complete = outcome.ok && outcome.failed === 0 && outcome.skipped === 0;
  const complaints = staleness(evidence, Deno.readTextFileSync(DOCUMENT), complete);
  if (complaints.length === 0) return { ...outcome, passed: outcome.passed + 1 };
  console.log(`${DOCUMENT} is not what the tests say; run: deno task evidence\n  ${complaints.join("\n  ")}`);
  return { ...outcome, failed: outcome.failed + 1 };
}
