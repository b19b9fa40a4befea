/**
 * Runs all tests, TypeScript's and Rust's, and ends with a line that counts them.
 *
 * Arguments go to `deno test`; with any, Rust's tests are left out: `deno task test tests/timeout_test.ts`.
 */

import { stripVTControlCharacters } from "node:util";

const counts = { passed: 0, failed: 0, skipped: 0 };
let ok = true;

const flags = ["--allow-all"];
/** Not for the snippets in the docs, which load the library inside the test and leave the default checker running. */
const sanitizers = ["--sanitize-ops", "--sanitize-resources"];
if (!await canReachJsr()) {
  console.log("JSR can't be reached: a small stand-in over node:assert/strict takes the place of @std/assert");
  flags.push("--import-map=tests/stand_in/import_map.json");
}
if (Deno.args.length > 0) {
  await run(Deno.execPath(), ["test", ...flags, ...sanitizers, ...Deno.args]);
} else {
  await run(Deno.execPath(), ["test", ...flags, ...sanitizers, "tests"]);
  await run(Deno.execPath(), ["test", ...flags, "--doc", "mod.ts", "lib", "README.md"]);
  // Shows what tests that pass have printed: some say that they were skipped, for which Rust has no word.
  await run("cargo", ["test", "--locked", "--workspace", "--all-features", "--", "--show-output"]);
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
Deno.exit(ok && counts.failed === 0 && counts.passed > 0 ? 0 : 1);

async function canReachJsr(): Promise<boolean> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["cache", "--quiet", "--no-config", "jsr:@std/assert@^1"],
    stdout: "null",
    stderr: "null",
  });
  return (await command.output()).success;
}

/** Runs a command, shows what it prints, and adds its closing lines to the counts. */
async function run(command: string, args: string[]): Promise<void> {
  const child = new Deno.Command(command, { args, stdout: "piped", stderr: "inherit" }).spawn();
  const [shown, counted] = child.stdout.tee();
  await Promise.all([
    shown.pipeTo(Deno.stdout.writable, { preventClose: true }),
    new Response(counted).text().then(count),
  ]);
  ok &&= (await child.status).success;
}

function count(output: string): void {
  const text = stripVTControlCharacters(output);
  const add = (pattern: RegExp) => {
    for (const { groups } of text.matchAll(pattern)) {
      counts.passed += Number(groups!.passed);
      counts.failed += Number(groups!.failed);
      counts.skipped += Number(groups!.skipped ?? 0);
    }
  };
  add(/^(?:ok|FAILED) \| (?<passed>\d+) passed.*? \| (?<failed>\d+) failed(?: \| (?<skipped>\d+) ignored)?/gm);
  const skipped = [...text.matchAll(/^skipped \w+: /gm)].length;
  counts.passed -= skipped;
  counts.skipped += skipped;
  add(/^test result: \w+\. (?<passed>\d+) passed; (?<failed>\d+) failed; (?<skipped>\d+) ignored/gm);
}
