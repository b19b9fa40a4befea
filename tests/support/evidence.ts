/** What tests have proved, and what they counted: the rows of docs/evidence.md. */

import type { Claim } from "../claims.ts";

/** The variable that names the file to which evidence is added, a line of JSON each. */
export const EVIDENCE = "TCP_SHAKER_EVIDENCE";

/** What one test has to say for a claim. */
export interface Evidence {
  claim: Claim;
  /** The file of the test, below the root of the repository. */
  file: string;
  /** The name of the test. */
  test: string;
  /** What it counted: numbers with what they are numbers of. */
  counted: string;
}

/**
 * Notes what a test has proved. Call it at the end, when nothing can fail any more.
 *
 * @param test The test.
 * @param claim What it proves.
 * @param counted What it counted: "10,000 checks: 30,000 segments, 0 accepted".
 */
export function proves(
  { name, origin }: Pick<Deno.TestContext, "name" | "origin">,
  claim: Claim,
  counted: string,
): void {
  const path = Deno.env.get(EVIDENCE);
  if (path === undefined) return;
  const file = origin.slice(new URL("../../", import.meta.url).href.length);
  const evidence: Evidence = { claim, file, test: name, counted };
  Deno.writeTextFileSync(path, `${JSON.stringify(evidence)}\n`, { append: true });
}
