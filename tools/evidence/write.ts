/** Evidence of a run of all tests. */

import { machine } from "../../bench/harness/environment.ts";
import { type Evidence, EVIDENCE_VARIABLE } from "../../tests/support/evidence.ts";
import { writeDocument } from "../docs/markdown.ts";
import type { Outcome } from "../suite/outcome.ts";
import { runAll } from "../suite/suite.ts";
import { evidenceDocument } from "./document.ts";

/** Where the document goes: CI uploads it, and a release attaches it. */
const DOCUMENT = "target/evidence.md";

/** Runs all tests, and writes the document from the records that the passed ones appended. */
export async function runAndWriteEvidence(): Promise<Outcome> {
  Deno.mkdirSync("target", { recursive: true });
  // An absolute path, because Rust's tests run in another folder.
  const path = `${Deno.cwd()}/target/evidence.jsonl`;
  Deno.writeTextFileSync(path, "");
  const outcome = await runAll(true, { [EVIDENCE_VARIABLE]: path });
  const lines = Deno.readTextFileSync(path).split("\n").filter((line) => line !== "");
  const evidence: Evidence[] = lines.map((line) => JSON.parse(line));
  await writeDocument(DOCUMENT, evidenceDocument(evidence, machine("deno task test:all")));
  console.log(`Wrote ${DOCUMENT}`);
  return outcome;
}
