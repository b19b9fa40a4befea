/**
 * Mutation tests: `deno task mutants [NAME ...]` breaks a copy of the code in one way at a time, and expects that tests
 * fail.
 *
 * The copy is of the last commit, with changes to files that git tracks. Without names it runs all mutants. The exit
 * status is 1 if a test fails without a mutant, or if a mutant survives or does not build.
 */

import { findKillers } from "./mutants/killers.ts";
import { applyMutant, readMutants, ROOT } from "./mutants/mutant.ts";
import { denoFlags } from "./suite/deno_flags.ts";

const all = readMutants();
const unknown = Deno.args.filter((name) => !all.some((mutant) => mutant.name === name));
if (unknown.length > 0) throw new Error(`No such mutant in tests/mutants/: ${unknown.join(", ")}`);
const mutants = Deno.args.length === 0 ? all : all.filter(({ name }) => Deno.args.includes(name));

const tree = copyOfCode();
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
let killed = 0;
for (const mutant of mutants) {
  applyMutant(mutant, tree);
  const killers = await findKillers(mutant, tree, flags).catch((error: Error) => error);
  applyMutant(mutant, tree, "--reverse");
  if (Array.isArray(killers) && killers.length > 0) killed++;
  const verdict = describe(killers);
  console.log(`${mutant.name}: ${mutant.breaks}: ${verdict}`);
}
console.log(`${killed} of ${mutants.length} killed`);
Deno.exit(killed < mutants.length ? 1 : 0);

function describe(killers: string[] | Error): string {
  if (killers instanceof Error) return `ERROR: ${killers.message}`;
  return killers.length === 0 ? "SURVIVED" : `killed by ${killers.slice(0, 3).join("; ")}`;
}

/** Extracts the code into target/mutants/tree, whose build is reused by the next run. */
function copyOfCode(): string {
  const tree = `${ROOT}target/mutants/tree`;
  // A commit of the uncommitted changes, on no branch; empty if there are none.
  const commit = sh("git stash create") || sh("git rev-parse HEAD");
  // Files get the current time: with the commit's time cargo would consider them older than its last build.
  sh(`rm -rf ${tree} && mkdir -p ${tree} ${tree}/../target && git archive ${commit} | tar -xm -C ${tree}`);
  sh(`ln -s ../target ${tree}/target`);
  return tree;
}

function sh(script: string): string {
  const { success, stdout, stderr } = new Deno.Command("sh", { args: ["-c", script], cwd: ROOT }).outputSync();
  if (!success) throw new Error(`${script}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout).trim();
}
