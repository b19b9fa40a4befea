/**
 * Breaks a copy of the code in many ways, one at a time, and sees that tests fail: `deno task mutants`.
 *
 * Arguments are the names of mutants; without any it takes them all, and writes docs/mutants.md. `--list` tells their
 * names. Exits with 1 if the tests fail as the code is, or a mutant is not killed. What commands printed is in
 * target/mutants/.
 */

import { parseArgs } from "node:util";
import { machine } from "../bench/environment.ts";
import { writeDocument } from "./markdown.ts";
import { type Mutant, patchOf, readMutants } from "./mutants/mutant.ts";
import { killers, mutantsDocument, mutantsTable } from "./mutants/report.ts";
import { Run } from "./mutants/run.ts";
import { Tree } from "./mutants/tree.ts";
import { examine, type Relevant, type Verdict } from "./mutants/verdict.ts";
import { denoFlags } from "./suite/deno_flags.ts";

const DOCUMENT = "docs/mutants.md";
const { values: { list }, positionals } = parseArgs({
  args: Deno.args,
  options: { list: { type: "boolean" } },
  allowPositionals: true,
});
const root = Deno.cwd();
const mutants = chosen(readMutants(root), positionals);
if (list) {
  for (const { name, breaks } of mutants) console.log(`${name}: ${breaks}`);
  Deno.exit();
}

const flags = await denoFlags();
const tree = await Tree.copy(root);
const baseline = await timed("the code as it is", () => examine(allTests(mutants), runOf("baseline"), flags));
if (baseline.kind !== "survived") {
  console.error("The baseline is red: without a mutant all tests must pass");
  Deno.exit(1);
}
const verdicts = new Map<Mutant, Verdict>();
for (const mutant of mutants) {
  const verdict = () => tree.with(patchOf(mutant.name), () => examine(mutant, runOf(mutant.name), flags));
  verdicts.set(mutant, await timed(mutant.name, verdict));
}

console.log(`\n${mutantsTable(verdicts)}`);
if (positionals.length === 0) {
  const command = ["deno task mutants", ...Deno.args].join(" ");
  await writeDocument(DOCUMENT, mutantsDocument(verdicts, machine(command), await commit()));
}
const alive = [...verdicts].filter(([, { kind }]) => kind !== "killed").map(([{ name }]) => name);
console.log(`${mutants.length - alive.length} of ${mutants.length} killed`);
Deno.exit(alive.length > 0 ? 1 : 0);

function chosen(all: Mutant[], names: string[]): Mutant[] {
  const unknown = names.filter((name) => !all.some((mutant) => mutant.name === name));
  if (unknown.length > 0) throw new Error(`There is no mutant ${unknown.join(", ")}; --list tells their names`);
  return names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
}

/** All tests that are relevant to any of the mutants. */
function allTests(mutants: Mutant[]): Relevant {
  const denoTests = [...new Set(mutants.flatMap((mutant) => mutant.denoTests))];
  // Arguments that choose tests in different ways don't add up.
  const cargoTests = mutants.some((mutant) => mutant.cargoTests.length > 0) ? ["--lib", "--tests"] : [];
  return { denoTests, cargoTests };
}

function runOf(name: string): Run {
  return new Run(tree.path, `${tree.path}/../${name}.txt`);
}

async function timed(name: string, act: () => Promise<Verdict>): Promise<Verdict> {
  const start = performance.now();
  const verdict = await act();
  const seconds = Math.round((performance.now() - start) / 1000);
  console.log(`${name}: ${[verdict.kind, killers(verdict)].join(" ").trim()} (${seconds} s)`);
  return verdict;
}

async function commit(): Promise<string> {
  const git = async (...args: string[]) =>
    new TextDecoder().decode((await new Deno.Command("git", { args }).output()).stdout).trim();
  const changed = await git("status", "--porcelain", "--", ".", ":!docs") !== "";
  return await git("rev-parse", "--short", "HEAD") + (changed ? ", and changes that are not committed" : "");
}
