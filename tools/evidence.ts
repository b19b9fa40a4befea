/** Runs all tests, and writes the counts of their proofs to docs/evidence.md: `deno task evidence`. */

import { machine } from "../bench/environment.ts";
import { evidenceDocument } from "./evidence/document.ts";
import { DOCUMENT, gather } from "./evidence/gather.ts";
import { writeDocument } from "./markdown.ts";

const { outcome: { passed, failed, skipped, ok }, evidence } = await gather();
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
if (!ok || failed > 0) {
  console.error(`${DOCUMENT} was left as it is: it takes tests that all pass`);
  Deno.exit(1);
}
await writeDocument(DOCUMENT, evidenceDocument(evidence, machine("deno task evidence")));
console.log(`Wrote ${DOCUMENT}`);
if (skipped > 0) console.error(`What the ${skipped} skipped tests prove is not in it: see what git says is gone`);
