/** The test suite: finds test files, and decides which run in parallel. */

import { denoFlags, SANITIZERS } from "./deno_flags.ts";
import { type Job, runJobs, showJob } from "./job.ts";
import { type Outcome, sum } from "./outcome.ts";
import { prepare } from "./prepare.ts";
import { retryFailed } from "./retry.ts";

/** Folders of test files. */
const FOLDERS = ["tests", "cli/tests", "monitor/tests", "fleet/tests"];
/** Folder of Rust's test files. */
const RUST = "ffi/tests";
/** Tests that are slow or sensitive to load: they run alone. */
const SLOW = "tests/slow/";
/** More than the number of cores, because most tests mostly wait for the network. */
const AT_ONCE = 2 + navigator.hardwareConcurrency;
/** `--show-output`, because tests that are skipped at run time print a line that is counted. */
const CARGO_TEST: Job = {
  name: "cargo test",
  command: "cargo",
  args: ["test", "--locked", "--workspace", "--all-features", "--", "--show-output"],
};

/** Runs some tests in one process; `args` are passed to `deno test`. */
export async function runSome(args: string[]): Promise<Outcome> {
  return await showJob(test(await denoFlags(), args));
}

/**
 * Runs the tests, each file in a process of its own: some count the threads and descriptors of their process.
 *
 * @param slow Whether tests of tests/slow/ run too, after the others and one file at a time.
 * @param env Variables of the environment of tests.
 */
export async function runAll(slow: boolean, env: Record<string, string> = {}): Promise<Outcome> {
  const flags = await denoFlags();
  const files = FOLDERS.flatMap(testFiles);
  await checkTypes(files, flags);
  const environment = { ...env, ...await prepare() };
  const job = (file: string) => jobOf(file, flags);
  const quick = [
    CARGO_TEST,
    {
      name: "snippets",
      command: Deno.execPath(),
      args: [
        "test",
        ...flags,
        "--doc",
        "mod.ts",
        "lib",
        "README.md",
        "docs/guide.md",
        "monitor/README.md",
        "fleet/README.md",
      ],
    },
    ...files.filter((file) => !file.startsWith(SLOW)).map(job),
  ];
  const alone = slow ? files.filter((file) => file.startsWith(SLOW)).map(job) : [];
  return sum([
    ...await retryFailed(await runJobs(quick, AT_ONCE, environment), environment),
    ...await runJobs(alone, 1, environment),
  ]);
}

/** All test files, of TypeScript and of Rust. */
export function allFiles(): string[] {
  const rust = [...Deno.readDirSync(RUST)].filter(({ isFile, name }) => isFile && name.endsWith(".rs"));
  return [...rust.map(({ name }) => `${RUST}/${name}`).sort(), ...FOLDERS.flatMap(testFiles)];
}

/** The job that runs one test file. */
export function jobOf(file: string, flags: string[]): Job {
  if (!file.endsWith(".rs")) return test(flags, ["--no-check", file], file);
  const target = ["--test", file.slice(file.lastIndexOf("/") + 1, -".rs".length)];
  const args = ["test", "--locked", "--quiet", "--workspace", "--all-features", ...target];
  return { name: file, command: "cargo", args: [...args, "--", "--show-output"] };
}

function test(flags: string[], args: string[], name = args.join(" ")): Job {
  return { name, command: Deno.execPath(), args: ["test", ...flags, ...SANITIZERS, ...args] };
}

function testFiles(folder: string): string[] {
  return [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1).flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    return isDirectory ? testFiles(path) : path.endsWith("_test.ts") ? [path] : [];
  });
}

/** Checks the types of all files at once, which takes as long as checking a few. */
async function checkTypes(files: string[], flags: string[]): Promise<void> {
  const args = ["check", "--quiet", ...flags.filter((flag) => flag.startsWith("--import-map")), ...files];
  const { success } = await new Deno.Command(Deno.execPath(), { args, stderr: "inherit" }).output();
  if (!success) throw new Error("Cannot run the tests: their types are wrong");
}
