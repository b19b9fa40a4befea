/** What the relevant tests say of a mutant. */

import { SANITIZERS } from "../suite/deno_flags.ts";
import type { Mutant } from "./mutant.ts";
import type { Run } from "./run.ts";

/** What became of a mutant. */
export type Verdict =
  /** Tests failed, these; or they came to no end. */
  | { readonly kind: "killed"; readonly by: readonly string[] }
  /** All tests passed. */
  | { readonly kind: "survived" }
  /** No test was run. */
  | { readonly kind: "did not build" };

/** Which tests are relevant. */
export type Relevant = Pick<Mutant, "denoTests" | "cargoTests">;

/** For a library that is built often, and never used for long. */
const QUICK_BUILD = {
  CARGO_PROFILE_RELEASE_LTO: "off",
  CARGO_PROFILE_RELEASE_CODEGEN_UNITS: "16",
  CARGO_PROFILE_RELEASE_INCREMENTAL: "true",
};

/**
 * Builds what the relevant tests need, and runs them all.
 *
 * @param tests Which.
 * @param run How commands are run.
 * @param flags What `deno test` needs here.
 */
export async function examine({ denoTests, cargoTests }: Relevant, run: Run, flags: string[]): Promise<Verdict> {
  const failed: string[] = [];
  if (cargoTests.length > 0) {
    const args = ["test", "--locked", "--package", "tcp_shaker", "--all-features", ...cargoTests];
    if (!(await run.build("cargo", [...args, "--no-run"])).success) return { kind: "did not build" };
    const { success, text, inTime } = await run.tests("cargo", [...args, "--no-fail-fast"]);
    if (!success) failed.push(...failuresOfCargo(text), ...inTime ? [] : ["cargo test, which came to no end"]);
  }
  if (denoTests.length > 0) {
    for (
      const built of [["--release", "--package", "tcp_shaker"], ["--profile", "lab", "--package", "tcp_shaker_lab"]]
    ) {
      const { success } = await run.build("cargo", ["build", "--locked", ...built], QUICK_BUILD);
      if (!success) return { kind: "did not build" };
    }
    const args = ["test", "--quiet", "--reporter=tap", ...flags, ...SANITIZERS, ...denoTests];
    const { success, text, inTime } = await run.tests(Deno.execPath(), args);
    if (!success) failed.push(...failuresOfDeno(text), ...inTime ? [] : ["deno test, which came to no end"]);
    if (!success && failed.length === 0) return { kind: "did not build" };
  }
  return failed.length > 0 ? { kind: "killed", by: failed } : { kind: "survived" };
}

/**
 * The tests that failed, from what `cargo test` prints.
 *
 * @param text What it printed.
 */
export function failuresOfCargo(text: string): string[] {
  // A test in a namespace is a process of its own, and what it says is told twice.
  return [...new Set([...text.matchAll(/^test (\S+) \.\.\. FAILED$/gm)].map(([, name]) => name))];
}

/**
 * The tests that failed, from what `deno test --reporter=tap` prints.
 *
 * @param text What it printed.
 */
export function failuresOfDeno(text: string): string[] {
  return [...text.matchAll(/^not ok \d+ - (.*)$/gm)].map(([, name]) => name.replaceAll("\\#", "#"));
}
