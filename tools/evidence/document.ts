/** The evidence document: counts of tests as Markdown. */

import { markdownTable } from "npm:markdown-table@3.1.0";
import { type Claim, CLAIMS } from "../../tests/claims.ts";
import type { Evidence } from "../../tests/support/evidence.ts";
import { escape } from "../docs/markdown.ts";

/**
 * Makes the document.
 *
 * @param evidence The records of the tests, in any order.
 * @param machine The machine, as Markdown.
 */
export function evidenceDocument(evidence: readonly Evidence[], machine: string): string {
  const sections = Object.keys(CLAIMS).flatMap((claim) => [`## ${CLAIMS[claim as Claim]}`, tableOf(claim, evidence)]);
  const introduction = "What the tests have counted, claim by claim. A row was written by a test that passed, as its " +
    "last step.";
  return ["# Evidence", introduction, machine, ...sections].join("\n\n") + "\n";
}

function tableOf(claim: string, evidence: readonly Evidence[]): string {
  const rows = evidence.filter((row) => row.claim === claim)
    .sort((a, b) => compare(a.file, b.file) || compare(a.test, b.test))
    // No links: the page stays valid when a test is moved.
    .map(({ file, test, counted }) => [nameOf(file, test), `\`${file}\``, escape(counted)]);
  return markdownTable([["test", "file", "counted"], ...rows]);
}

/** Compares by code unit, which is independent of the locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A Rust test's name is an identifier, one of Deno's is a sentence. */
function nameOf(file: string, test: string): string {
  return file.endsWith(".rs") ? `\`${test}\`` : escape(test);
}
