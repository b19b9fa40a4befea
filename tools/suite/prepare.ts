/** Shared builds, made once before the tests. */

import { buildServer } from "../../fleet/tools/nats_server.ts";
import { whyNoBuild } from "../bundle/build.ts";
import { ALL_COUNTS, BUNDLE_IS_FRESH } from "../../tests/support/variables.ts";

/** The quick tests run a quarter of proptest's random cases. */
const QUICK = { PROPTEST_CASES: "64" };

/**
 * Builds what tests need: the library with fault injection, Rust's tests, the NATS server, and for all tests the bundle,
 * for which pip installs zig into `target/` if it can.
 *
 * @param all Whether all tests will run.
 * @returns Variables of the environment for tests.
 */
export async function prepare(all: boolean): Promise<Record<string, string>> {
  // Not awaited: the first build takes minutes, in which other tests run. Tests that need the server wait for its lock.
  void prepareServer();
  await buildTests();
  if (!all) return QUICK;
  if (!await canBundle()) return { [ALL_COUNTS]: "1" };
  await build(Deno.execPath(), ["task", "--quiet", "bundle"]);
  return { [ALL_COUNTS]: "1", [BUNDLE_IS_FRESH]: "1" };
}

/**
 * What cargo builds for tests: the library with fault injection, and Rust's tests. Any other choice would have other
 * features of dependencies, and each build would replace the library of the one before.
 */
export const TEST_BUILD = ["--locked", "--workspace", "--all-features", "--lib", "--bins", "--tests"];

/** Builds the library with fault injection, and Rust's tests. */
export async function buildTests(): Promise<void> {
  await build("cargo", ["build", "--quiet", ...TEST_BUILD]);
}

async function prepareServer(): Promise<void> {
  const reason = await buildServer();
  if (reason !== undefined) console.log(`Tests of the fleet that need a NATS server are skipped: ${reason}`);
}

/** Whether the bundle can be built; installs missing tools if possible. */
async function canBundle(): Promise<boolean> {
  if (await whyNoBuild() === undefined) return true;
  await attempt("rustup", ["target", "add", "x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu"]);
  const pip = ["-m", "pip", "install", "--quiet", "--target", "target/zig"];
  await attempt("python3", [...pip, "--requirement", "tools/bundle/requirements.txt"]);
  const reason = await whyNoBuild();
  if (reason !== undefined) console.log(`Tests of the published library are skipped: ${reason}`);
  return reason === undefined;
}

async function build(command: string, args: string[]): Promise<void> {
  const { success } = await new Deno.Command(command, { args, stdout: "null" }).output();
  if (!success) throw new Error(`Cannot build what the tests need: ${command} ${args.join(" ")} failed`);
}

/** Runs a command, and ignores its failure or absence. */
async function attempt(command: string, args: string[]): Promise<void> {
  await new Deno.Command(command, { args, stdout: "null", stderr: "null" }).output().catch(() => {});
}
