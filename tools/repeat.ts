/**
 * Repeats test files beside busy loops, as on a busy machine, and prints the failed runs:
 * `deno task test:repeat [--times N] [FILE ...]`.
 *
 * A file is one of TypeScript's tests, or one of Rust's, such as ffi/tests/raw.rs. Without files, all of them are run, one
 * file at a time. The exit status is 1 if a run failed.
 */

import { denoFlags } from "./suite/deno_flags.ts";
import { type Job, runJobs } from "./suite/job.ts";
import { buildTests } from "./rust/build_tests.ts";
import { rustJob } from "./suite/rust_tests.ts";
import { denoJob, testFiles } from "./suite/suite.ts";

/** The number of busy loops, which slow down a machine with two cores. */
const BUSY_LOOPS = 2;

const rustTests = await buildTests();
const flags = await denoFlags();
const [times, files] = parse(Deno.args);
const jobs = files.flatMap((file): Job[] => Array(times).fill(jobOf(file)));
const loops = Array.from(
  { length: BUSY_LOOPS },
  () => new Deno.Command("sh", { args: ["-c", `while kill -0 ${Deno.pid}; do :; done`], stderr: "null" }).spawn(),
);
const failed = (await runJobs(jobs, 1, {})).filter(({ ok }) => !ok);
for (const loop of loops) {
  loop.kill();
  await loop.status;
}
for (const [name, runs] of Map.groupBy(failed, ({ job }) => job.name)) {
  console.log(`${name}: ${runs.length} of ${times} runs failed`);
}
console.log(`${jobs.length - failed.length} of ${jobs.length} runs passed`);
Deno.exit(failed.length === 0 ? 0 : 1);

function jobOf(file: string): Job {
  const rustTest = rustTests.find((test) => test.file === file);
  return rustTest === undefined ? denoJob([file], flags) : rustJob(rustTest, true);
}

function parse(args: string[]): [times: number, files: string[]] {
  const at = args.indexOf("--times");
  const [times] = at < 0 ? ["5"] : args.splice(at, 2).slice(1);
  if (!(Number(times) >= 1)) throw new Error("--times needs a number, as in --times 5");
  return [Number(times), args.length > 0 ? args : [...rustTests.map(({ file }) => file), ...testFiles()]];
}
