/** The tool that writes docs/evidence.md, and tells when it is stale. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { evidenceDocument, readRows } from "../tools/evidence/document.ts";
import { staleness } from "../tools/evidence/staleness.ts";
import { type Claim, CLAIMS } from "./claims.ts";
import type { Evidence } from "./support/evidence.ts";

const claims = Object.keys(CLAIMS) as Claim[];
/** A test a claim. */
const evidence: Evidence[] = claims.map((claim, i) => (
  { claim, file: `tests/${i}_test.ts`, test: `test ${i} shows it`, counted: `${i} of ${i}` }
));
const markdown = evidenceDocument(evidence, "- Machine: any");

Deno.test("the evidence names every claim, test and count", () => {
  for (const { claim, file, test, counted } of evidence) {
    assertStringIncludes(markdown, `## ${CLAIMS[claim]}\n`);
    assertStringIncludes(markdown, `[${test}](../${file})`);
    assertStringIncludes(markdown, `| ${counted}`);
  }
  assertStringIncludes(markdown, "\n- Machine: any\n");
});

Deno.test("the evidence is read as it was written, whatever a test is called", () => {
  const rows = [
    {
      claim: claims[0],
      file: "tests/a_test.ts",
      test: 'a | b, `c`, [::1]:80, *d*, <e>, \\ and "f_g_h"',
      counted: "1 | 2",
    },
    { claim: claims[0], file: "ffi/tests/b.rs", test: "name_with_underscores", counted: "*3*" },
  ];
  const read = rows.map(({ file, test }) => ({ claim: CLAIMS[claims[0]], file, test }));
  assertEquals(readRows(evidenceDocument(rows, "")), read.toReversed());
});

Deno.test("the evidence is the same whatever order the tests ran in", () => {
  const twice = evidence.concat(evidence.map((row) => ({ ...row, test: `another ${row.test}` })));
  assertEquals(evidenceDocument(twice.toReversed(), ""), evidenceDocument(twice, ""));
});

Deno.test("the evidence is fresh although other numbers were counted", () => {
  const again = evidence.map((row) => ({ ...row, counted: "another number" }));
  assertEquals(staleness(again, markdown, true), []);
});

Deno.test("a claim that no test proves makes the evidence stale, even where tests were skipped", () => {
  const fewer = evidence.slice(1);
  for (const complete of [true, false]) {
    assertEquals(staleness(fewer, evidenceDocument(fewer, ""), complete), [`No test proves: ${CLAIMS[claims[0]]}`]);
  }
});

Deno.test("a test that the evidence lacks makes it stale, even where others were skipped", () => {
  const row = { ...evidence[0], test: "a new test" };
  for (const complete of [true, false]) {
    const stale = [`It lacks "a new test" of tests/0_test.ts, which proves: ${CLAIMS[claims[0]]}`];
    assertEquals(staleness([...evidence, row], markdown, complete), stale);
  }
});

Deno.test("a test that proves nothing any more makes the evidence stale, unless tests were skipped", () => {
  const stale = [`No test says any more: "test 0 shows it" of tests/0_test.ts, which proves: ${CLAIMS[claims[0]]}`];
  assertEquals(staleness(evidence.slice(1), markdown, true), stale);
  assertEquals(staleness(evidence.slice(1), markdown, false), []);
});

Deno.test("a test that proves another claim makes the evidence stale", () => {
  const moved = [...evidence.slice(1), { ...evidence[0], claim: claims[1] }];
  assertEquals(staleness(moved, markdown, true).length, 2);
});
