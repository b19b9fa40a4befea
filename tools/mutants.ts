/**
 * Mutation tests: `deno task mutants [NAME ...]` breaks a copy of the code in one way at a time, and expects that tests
 * fail.
 *
 * The copy is of the last commit, with changes to files that git tracks. Without names it runs all mutants, and writes
 * docs/mutants.md. The exit status is 1 if a test fails without a mutant, or if a mutant survives.
 */

import { machine } from "../bench/environment.ts";
import { escape, writeDocument } from "./markdown.ts";
import { findKillers } from "./mutants/killers.ts";
import { applyMutant, readMutants, ROOT } from "./mutants/mutant.ts";
import { denoFlags } from "./suite/deno_flags.ts";

const DOCUMENT = "docs/mutants.md";
const INTRODUCTION =
  "Each mutant is the code broken in one way, by a patch of [tests/mutants/](../tests/mutants/). It " +
  "is killed when a test that the patch names fails. `deno task mutants` wrote this page.";

const all = readMutants();
const unknown = Deno.args.filter((name) => !all.some((mutant) => mutant.name === name));
if (unknown.length > 0) throw new Error(`No such mutant in tests/mutants/: ${unknown.join(", ")}`);
const mutants = Deno.args.length === 0 ? all : all.filter(({ name }) => Deno.args.includes(name));

const [commit, tree] = copyOfCode();
const flags = await denoFlags();
const denoTests = [...new Set(mutants.flatMap((mutant) => mutant.denoTests))];
// cargo's arguments for choosing tests can't be combined.
const cargoTests = mutants.some((mutant) => mutant.cargoTests.length > 0) ? ["--lib", "--tests"] : [];
const failed = await findKillers(
  { denoTests, cargoTests: mutants.length === 1 ? mutants[0].cargoTests : cargoTests },
  tree,
  flags,
);
if (failed.length > 0) throw new Error(`These tests fail without a mutant: ${failed.join("; ")}`);
const lines: string[] = [];
let killed = 0;
for (const mutant of mutants) {
  applyMutant(mutant, tree);
  const killers = await findKillers(mutant, tree, flags);
  applyMutant(mutant, tree, "--reverse");
  if (killers.length > 0) killed++;
  const verdict = killers.length === 0 ? "SURVIVED" : `killed by ${killers.slice(0, 3).join("; ")}`;
  console.log(`${mutant.name}: ${verdict}`);
  // No links: the page stays valid when a test or a patch is renamed.
  lines.push(`- ${escape(`${mutant.name}: ${mutant.breaks}; ${verdict}`)}`);
}
console.log(`${killed} of ${mutants.length} killed`);
if (Deno.args.length === 0) {
  const sum = `${killed} of ${mutants.length} are killed.`;
  const head = `${machine("deno task mutants")}\n- Commit: ${commit}`;
  await writeDocument(DOCUMENT, ["# Mutants", INTRODUCTION, head, sum, lines.join("\n")].join("\n\n") + "\n");
}
Deno.exit(killed < mutants.length ? 1 : 0);

/** Extracts the code into target/mutants/tree, whose build is reused by the next run. */
function copyOfCode(): [string, string] {
  const tree = `${ROOT}target/mutants/tree`;
  // A commit of the uncommitted changes, on no branch; empty if there are none.
  const commit = sh("git stash create") || sh("git rev-parse HEAD");
  // Files get the current time: with the commit's time cargo would consider them older than its last build.
  sh(`rm -rf ${tree} && mkdir -p ${tree} ${tree}/../target && git archive ${commit} | tar -xm -C ${tree}`);
  sh(`ln -s ../target ${tree}/target`);
  return [commit.slice(0, 7), tree];
}

function sh(script: string): string {
  const { success, stdout, stderr } = new Deno.Command("sh", { args: ["-c", script], cwd: ROOT }).outputSync();
  if (!success) throw new Error(`${script}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout).trim();
}
