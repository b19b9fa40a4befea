/** What the tests have to say, from a run of all of them. */

import { EVIDENCE, type Evidence } from "../../tests/support/evidence.ts";
import type { Outcome } from "../suite/outcome.ts";
import { runAll } from "../suite/suite.ts";

/** Where it is told. */
export const DOCUMENT = "docs/evidence.md";

/** Runs all tests, and reads what they have noted. */
export async function gather(): Promise<{ outcome: Outcome; evidence: Evidence[] }> {
  Deno.mkdirSync("target", { recursive: true });
  // In full, since Rust's tests run in a folder of their own.
  const path = `${Deno.cwd()}/target/evidence.jsonl`;
  Deno.writeTextFileSync(path, "");
  const outcome = await runAll(true, { [EVIDENCE]: path });
  const lines = Deno.readTextFileSync(path).split("\n").filter((line) => line !== "");
  return { outcome, evidence: lines.map((line) => JSON.parse(line)) };
}
