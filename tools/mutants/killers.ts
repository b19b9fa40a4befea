/** Runs the tests that a mutant names, and returns the names of the failed ones. */

import { ALL_COUNTS } from "../../tests/support/variables.ts";
import { SANITIZERS } from "../suite/deno_flags.ts";
import type { Mutant } from "./mutant.ts";

/** Time limit in seconds, because a mutant may lose results that its tests wait for. */
const TIME_LIMIT = { build: 1800, tests: 300 };
/** The exit statuses of `timeout`, by SIGTERM and by SIGKILL. */
const TIMED_OUT = [124, 137];

/** Settings for a quick release build, because the library is rebuilt for each mutant. */
const QUICK_BUILD = {
  CARGO_PROFILE_RELEASE_LTO: "off",
  CARGO_PROFILE_RELEASE_CODEGEN_UNITS: "16",
  CARGO_PROFILE_RELEASE_INCREMENTAL: "true",
};

/**
 * Builds the code and runs the tests.
 *
 * @param tests The tests.
 * @param tree The tree of the code.
 * @param flags The flags of `deno test`.
 * @returns The names of the tests that failed.
 * @throws {Error} If the code does not build, or if its types are wrong.
 */
export async function findKillers(
  { denoTests, cargoTests }: Pick<Mutant, "denoTests" | "cargoTests">,
  tree: string,
  flags: string[],
): Promise<string[]> {
  const killers: string[] = [];
  if (cargoTests.length > 0) {
    const args = ["test", "--locked", "--package", "tcp_shaker", "--all-features", ...cargoTests];
    await build(tree, [...args, "--no-run"], {});
    killers.push(...await failures(tree, "cargo", [...args, "--no-fail-fast"], failuresOfCargo));
  }
  if (denoTests.length > 0) {
    // Types are checked first, because a test that runs the command would fail by a type error.
    await checkTypes(tree, flags);
    await build(tree, ["build", "--locked", "--release", "--package", "tcp_shaker"], QUICK_BUILD);
    await build(tree, ["build", "--locked", "--workspace", "--all-features", "--bin", "lab"], {});
    const args = ["test", "--quiet", "--reporter=tap", ...flags, ...SANITIZERS, ...denoTests];
    killers.push(...await failures(tree, Deno.execPath(), args, failuresOfDeno));
  }
  return killers;
}

/** Parses the names of failed tests in the output of `cargo test`. */
export function failuresOfCargo(output: string): string[] {
  // A test in a namespace runs in another process too, and prints its result twice.
  return [...new Set([...output.matchAll(/^test (\S+) \.\.\. FAILED$/gm)].map(([, name]) => name))];
}

/** Parses the names of failed tests in the output of `deno test --reporter=tap`. */
export function failuresOfDeno(output: string): string[] {
  return [...output.matchAll(/^not ok \d+ - (.*)$/gm)].map(([, name]) => name.replaceAll("\\#", "#"));
}

async function build(tree: string, args: string[], env: Record<string, string>): Promise<void> {
  const { code, output } = await run(tree, TIME_LIMIT.build, "cargo", args, env);
  if (code !== 0) throw new Error(`The mutant does not build:\n${output}`);
}

/** The modules that tests run in other processes. */
const MODULES = ["mod.ts", "cli/mod.ts", "monitor/mod.ts"];

async function checkTypes(tree: string, flags: string[]): Promise<void> {
  const args = ["check", "--quiet", ...flags.filter((flag) => flag.startsWith("--import-map")), ...MODULES];
  const { code, output } = await run(tree, TIME_LIMIT.build, Deno.execPath(), args, {});
  if (code !== 0) throw new Error(`The mutant has type errors:\n${output}`);
}

async function failures(tree: string, command: string, args: string[], read: (output: string) => string[]) {
  const { code, output } = await run(tree, TIME_LIMIT.tests, command, args, {});
  if (code === 0) return [];
  const failed = read(output);
  if (TIMED_OUT.includes(code)) failed.push(`no end within ${TIME_LIMIT.tests} s`);
  if (failed.length === 0) throw new Error(`No test ran, exit status ${code}:\n${output}`);
  return failed;
}

async function run(cwd: string, seconds: number, command: string, args: string[], env: Record<string, string>) {
  // timeout(1) also ends processes started by tests.
  const { code, stdout, stderr } = await new Deno.Command("timeout", {
    args: ["--kill-after=5", String(seconds), command, ...args],
    cwd,
    env: { NO_COLOR: "1", [ALL_COUNTS]: "1", CARGO_TERM_COLOR: "never", ...env },
  }).output();
  return { code, output: [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("") };
}
