/** Evidence: the counts of tests that prove a claim, the rows of target/evidence.md. */

import type { Claim } from "../claims.ts";

/** Environment variable with the path of the evidence file (JSON lines). */
export const EVIDENCE_VARIABLE = "TCP_SHAKER_EVIDENCE";

/** The evidence of one test for a claim. */
export interface Evidence {
  claim: Claim;
  /** The file of the test, below the root of the repository. */
  file: string;
  /** The name of the test. */
  test: string;
  /** Its counts, with their units. */
  counted: string;
}

/**
 * Records the evidence of a test. Must be called last, when the test can no longer fail.
 *
 * @param test The test.
 * @param claim The claim that it proves.
 * @param counted Its counts: "10,000 checks: 30,000 segments, 0 accepted".
 */
export function proves(
  { name, origin }: Pick<Deno.TestContext, "name" | "origin">,
  claim: Claim,
  counted: string,
): void {
  const path = Deno.env.get(EVIDENCE_VARIABLE);
  if (path === undefined) return;
  const file = origin.slice(new URL("../../", import.meta.url).href.length);
  const evidence: Evidence = { claim, file, test: name, counted };
  Deno.writeTextFileSync(path, `${JSON.stringify(evidence)}\n`, { append: true });
}
