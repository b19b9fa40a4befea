/** What the tests have proved, as Markdown; and back again, as far as it is the same in every run. */

import { markdownTable } from "npm:markdown-table@3";
import { lexer, type Token, type Tokens } from "npm:marked@18";
import { type Claim, CLAIMS } from "../../tests/claims.ts";
import type { Evidence } from "../../tests/support/evidence.ts";
import { escape } from "../markdown.ts";

/** Which test proves what: a row of a table without what it counted. */
export interface Row {
  /** The text of the claim. */
  claim: string;
  file: string;
  test: string;
}

/**
 * Makes the document.
 *
 * @param evidence What the tests have noted, in any order.
 * @param machine What they ran on, as Markdown.
 */
export function evidenceDocument(evidence: readonly Evidence[], machine: string): string {
  const sections = Object.keys(CLAIMS).flatMap((claim) => [`## ${CLAIMS[claim as Claim]}`, tableOf(claim, evidence)]);
  const introduction = "What the tests have counted, claim by claim. A row was written by a test that passed, as its " +
    "last step. `deno task evidence` runs all tests and writes this file anew; `deno task test` fails when a claim of " +
    "[tests/claims.ts](../tests/claims.ts) has no test, or when the tests named here are not those that prove it.";
  return ["# Evidence", introduction, machine, ...sections].join("\n\n") + "\n";
}

/**
 * Reads which tests a document names.
 *
 * @param markdown The document.
 */
export function readRows(markdown: string): Row[] {
  const rows: Row[] = [];
  let claim = "";
  for (const token of lexer(markdown) as Tokens.Generic[]) {
    if (token.type === "heading") claim = token.text;
    if (token.type !== "table") continue;
    for (const [cell] of (token as Tokens.Table).rows) {
      const link = cell.tokens[0] as Tokens.Link;
      rows.push({ claim, file: link.href.replace("../", ""), test: plainText(link.tokens) });
    }
  }
  return rows;
}

function tableOf(claim: string, evidence: readonly Evidence[]): string {
  const rows = evidence.filter((row) => row.claim === claim)
    .sort((a, b) => compare(a.file, b.file) || compare(a.test, b.test))
    .map(({ file, test, counted }) => [`[${nameOf(file, test)}](../${file})`, escape(counted)]);
  return markdownTable([["test", "counted"], ...rows]);
}

/** By code unit: the same everywhere. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A Rust test's name is an identifier, one of Deno's is a sentence. */
function nameOf(file: string, test: string): string {
  return file.endsWith(".rs") ? `\`${test}\`` : escape(test);
}

function plainText(tokens: Token[]): string {
  return tokens.map((token) => (token as Tokens.Text).text).join("");
}
