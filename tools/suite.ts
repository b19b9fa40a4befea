/** Runs the tests, TypeScript's and Rust's, and counts them. */

import { stripVTControlCharacters } from "node:util";

/** What became of tests. */
export interface Outcome {
  passed: number;
  failed: number;
  skipped: number;
  /** Whether every command that ran tests said that all is well. */
  ok: boolean;
}

/** Variables of the environment, beside our own. */
type Environment = Record<string, string>;

/** Not for the snippets in the docs, which load the library inside the test and leave the default checker running. */
export const SANITIZERS = ["--sanitize-ops", "--sanitize-resources"];

/** Runs some tests: what is given goes to `deno test`. */
export async function runSome(args: string[]): Promise<Outcome> {
  return await run(Deno.execPath(), ["test", ...await denoFlags(), ...SANITIZERS, ...args]);
}

/** Runs all tests. */
export async function runAll(env: Environment = {}): Promise<Outcome> {
  const flags = await denoFlags();
  const outcomes = [
    await run(Deno.execPath(), ["test", ...flags, ...SANITIZERS, "tests", "cli/tests", "monitor/tests"], env),
    await run(Deno.execPath(), ["test", ...flags, "--doc", "mod.ts", "lib", "README.md"], env),
    // Shows what tests that pass have printed: some say that they were skipped, for which Rust has no word.
    await run("cargo", ["test", "--locked", "--workspace", "--all-features", "--", "--show-output"], env),
  ];
  return outcomes.reduce((sum, outcome) => ({
    passed: sum.passed + outcome.passed,
    failed: sum.failed + outcome.failed,
    skipped: sum.skipped + outcome.skipped,
    ok: sum.ok && outcome.ok,
  }));
}

/** What `deno test` needs here. */
export async function denoFlags(): Promise<string[]> {
  if (await canReachJsr()) return ["--allow-all"];
  console.log("JSR can't be reached: a small stand-in over node:assert/strict takes the place of @std/assert");
  return ["--allow-all", "--import-map=tests/stand_in/import_map.json"];
}

async function canReachJsr(): Promise<boolean> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["cache", "--quiet", "--no-config", "jsr:@std/assert@^1"],
    stdout: "null",
    stderr: "null",
  });
  return (await command.output()).success;
}

/** Runs a command, shows what it prints, and reads its closing lines. */
async function run(command: string, args: string[], env: Environment = {}): Promise<Outcome> {
  const child = new Deno.Command(command, { args, env, stdout: "piped", stderr: "inherit" }).spawn();
  const [shown, counted] = child.stdout.tee();
  const [, text] = await Promise.all([
    shown.pipeTo(Deno.stdout.writable, { preventClose: true }),
    new Response(counted).text(),
  ]);
  return { ...count(stripVTControlCharacters(text)), ok: (await child.status).success };
}

function count(text: string): Omit<Outcome, "ok"> {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const add = (pattern: RegExp) => {
    for (const { groups } of text.matchAll(pattern)) {
      counts.passed += Number(groups!.passed);
      counts.failed += Number(groups!.failed);
      counts.skipped += Number(groups!.skipped ?? 0);
    }
  };
  add(/^(?:ok|FAILED) \| (?<passed>\d+) passed.*? \| (?<failed>\d+) failed(?: \| (?<skipped>\d+) ignored)?/gm);
  add(/^test result: \w+\. (?<passed>\d+) passed; (?<failed>\d+) failed; (?<skipped>\d+) ignored/gm);
  const skipped = [...text.matchAll(/^skipped \w+: /gm)].length;
  counts.passed -= skipped;
  counts.skipped += skipped;
  return counts;
}
