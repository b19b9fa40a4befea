/** The document of the evidence. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { evidenceDocument } from "../../tools/evidence/document.ts";
import { type Claim, CLAIMS } from "../claims.ts";
import type { Evidence } from "../support/evidence.ts";

const claims = Object.keys(CLAIMS) as Claim[];
/** One test per claim. */
const evidence: Evidence[] = claims.map((claim, i) => (
  { claim, file: `tests/${i}_test.ts`, test: `test ${i} shows it`, counted: `${i} of ${i}` }
));
const markdown = evidenceDocument(evidence, "- Machine: any");

Deno.test("the evidence names every claim, test and count", () => {
  for (const { claim, file, test, counted } of evidence) {
    assertStringIncludes(markdown, `## ${CLAIMS[claim]}\n`);
    assertStringIncludes(markdown.replace(/ +/g, " "), `| ${test} | \`${file}\` |`);
    assertStringIncludes(markdown, `| ${counted}`);
  }
  assertStringIncludes(markdown, "\n- Machine: any\n");
});

Deno.test("the evidence does not depend on the order of the tests", () => {
  const twice = evidence.concat(evidence.map((row) => ({ ...row, test: `another ${row.test}` })));
  assertEquals(evidenceDocument(twice.toReversed(), ""), evidenceDocument(twice, ""));
});
