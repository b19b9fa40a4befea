/** Whether docs/evidence.md still says what the tests prove. */

import { CLAIMS } from "../../tests/claims.ts";
import type { Evidence } from "../../tests/support/evidence.ts";
import { readRows, type Row } from "./document.ts";

/**
 * Compares what the tests have noted with what a document says of it. What they counted may differ from run to run.
 *
 * @param evidence What they have noted.
 * @param markdown The document.
 * @param complete Whether all tests ran and passed. Else those that are missing prove nothing.
 * @returns What is wrong, a sentence each.
 */
export function staleness(evidence: readonly Evidence[], markdown: string, complete: boolean): string[] {
  const gathered = evidence.map(({ claim, file, test }) => shown({ claim: CLAIMS[claim], file, test }));
  const documented = readRows(markdown);
  const told = documented.map(shown);
  const claims = new Set([...evidence.map(({ claim }) => CLAIMS[claim]), ...documented.map(({ claim }) => claim)]);
  return [
    ...Object.values(CLAIMS).filter((claim) => !claims.has(claim)).map((claim) => `No test proves: ${claim}`),
    ...gathered.filter((row) => !told.includes(row)).map((row) => `It lacks ${row}`),
    ...(complete ? told.filter((row) => !gathered.includes(row)).map((row) => `No test says any more: ${row}`) : []),
  ];
}

function shown({ claim, file, test }: Row): string {
  return `${JSON.stringify(test)} of ${file}, which proves: ${claim}`;
}
