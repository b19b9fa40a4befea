/**
 * Repeats test files beside busy loops, as on a machine that has other work, and prints which runs failed:
 * `deno task test:repeat [--times N] [FILE ...]`.
 *
 * A file is one of TypeScript's tests, or one of Rust's in ffi/tests/. Without files, all of them are run, one file at a
 * time. The exit status is 1 if a run failed.
 */

import { denoFlags } from "./suite/deno_flags.ts";
import { type Job, runJobs } from "./suite/job.ts";
import { buildTests } from "./suite/prepare.ts";
import { allFiles, jobOf } from "./suite/suite.ts";

/** As many as make a machine of two cores slow. */
const BUSY_LOOPS = 2;

const [times, files] = parse(Deno.args);
await buildTests();
const flags = await denoFlags();
const jobs = files.flatMap((file): Job[] => Array(times).fill(jobOf(file, flags)));
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

function parse(args: string[]): [times: number, files: string[]] {
  const at = args.indexOf("--times");
  const [times] = at < 0 ? ["5"] : args.splice(at, 2).slice(1);
  if (!(Number(times) >= 1)) throw new Error("--times needs a number, as in --times 5");
  return [Number(times), args.length > 0 ? args : allFiles()];
}
