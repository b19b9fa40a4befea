/** Collection of evidence from a run of all tests. */

import { EVIDENCE, type Evidence } from "../../tests/support/evidence.ts";
import type { Outcome } from "../suite/outcome.ts";
import { runAll } from "../suite/suite.ts";

/** The document that tools/evidence.ts writes. */
export const DOCUMENT = "docs/evidence.md";

/** Runs all tests, and reads the records that they appended. */
export async function gather(): Promise<{ outcome: Outcome; evidence: Evidence[] }> {
  Deno.mkdirSync("target", { recursive: true });
  // An absolute path, because Rust's tests run in another folder.
  const path = `${Deno.cwd()}/target/evidence.jsonl`;
  Deno.writeTextFileSync(path, "");
  const outcome = await runAll(true, { [EVIDENCE]: path });
  const lines = Deno.readTextFileSync(path).split("\n").filter((line) => line !== "");
  return { outcome, evidence: lines.map((line) => JSON.parse(line)) };
}
