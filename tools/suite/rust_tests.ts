/** Rust's tests: one job per test binary, because `cargo test` runs the binaries one after the other. */

import type { RustTest } from "../rust/build_tests.ts";
import type { Job } from "./job.ts";

/** The job that runs a test binary, with its ignored tests if `all` is set. */
export function rustJob({ file, program }: RustTest, all: boolean): Job {
  // `--show-output`, because tests that are skipped at run time print a line that is counted.
  return { name: file, command: program, args: ["--show-output", ...all ? ["--include-ignored"] : []] };
}
