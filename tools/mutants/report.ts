/** What became of mutants, as Markdown. */

import { markdownTable } from "npm:markdown-table@3.1.0";
import { escape } from "../markdown.ts";
import { type Mutant, patchOf } from "./mutant.ts";
import type { Verdict } from "./verdict.ts";

/** How many tests are named; mutants that break much are noticed by many. */
const NAMED = 3;

/**
 * Makes a table.
 *
 * @param verdicts What became of whom.
 */
export function mutantsTable(verdicts: ReadonlyMap<Mutant, Verdict>): string {
  const rows = [...verdicts].map(([{ name, breaks }, verdict]) => [
    `[${name}](../${patchOf(name)})`,
    escape(breaks),
    verdict.kind,
    escape(killers(verdict)),
  ]);
  return markdownTable([["mutant", "what it breaks", "verdict", "tests that noticed"], ...rows]);
}

/**
 * Makes the document.
 *
 * @param verdicts What became of whom.
 * @param machine What it ran on, as Markdown.
 * @param commit What was mutated.
 */
export function mutantsDocument(verdicts: ReadonlyMap<Mutant, Verdict>, machine: string, commit: string): string {
  const introduction =
    "Tests prove something if they fail when the code is wrong. Each mutant is the code broken in one " +
    "way, by a patch of [tests/mutants/](../tests/mutants/); it is killed when one of the tests that the patch names " +
    "fails. `deno task mutants` applies them one by one to a copy of the repository, and writes this file anew.";
  const killed = [...verdicts.values()].filter(({ kind }) => kind === "killed").length;
  const sum = `${killed} of ${verdicts.size} mutants are killed.`;
  return ["# Mutants", introduction, `${machine}\n- Commit: ${commit}`, sum, mutantsTable(verdicts)].join("\n\n") +
    "\n";
}

/** The tests that noticed a mutant, on one line. */
export function killers(verdict: Verdict): string {
  if (verdict.kind !== "killed") return "";
  const named = verdict.by.slice(0, NAMED);
  const more = verdict.by.length - named.length;
  return named.join("; ") + (more > 0 ? `; and ${more} more` : "");
}
