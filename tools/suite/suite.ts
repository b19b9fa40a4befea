/** The test suite: finds test files, and decides which run in parallel. */

import { batches } from "./batches.ts";
import { denoFlags, SANITIZERS } from "./deno_flags.ts";
import { type Job, runJobs, showJob } from "./job.ts";
import { type Outcome, sum } from "./outcome.ts";
import { prepare } from "./prepare.ts";
import { retryFailed } from "./retry.ts";
import { rustJob } from "./rust_tests.ts";
import { longestFirst, recordTimes } from "./times.ts";
import { typesJob } from "./types_job.ts";

/** Folders of test files. */
const FOLDERS = ["tests", "cli/tests", "monitor/tests", "fleet/tests"];
/** Tests that are slow or sensitive to load: they run alone. */
const SLOW = "tests/slow/";
/**
 * Slow tests of whole programs, faults and large numbers. They run beside others, but only when the slow tests run too.
 */
export const THOROUGH: readonly string[] = [
  "cli/tests/agent_permissions_test.ts",
  "cli/tests/distribution_test.ts",
  "cli/tests/fleet_cluster_test.ts",
  "fleet/tests/docs/",
  "fleet/tests/faults/",
  "fleet/tests/hub/crash_test.ts",
  "monitor/tests/agent/large_reload_test.ts",
  "monitor/tests/faults_test.ts",
  "monitor/tests/haproxy_test.ts",
  "monitor/tests/history/full_queue_test.ts",
  "monitor/tests/history/size_test.ts",
  "monitor/tests/outage_test.ts",
  "monitor/tests/page/",
  "monitor/tests/serve/fuzz_test.ts",
  "tests/lab/lost_answers_test.ts",
  "tests/package/",
];
/** More than the number of cores, because most tests mostly wait: four per core keep it busy for 80 % of the time. */
const AT_ONCE = 4 * navigator.hardwareConcurrency;
/** The documents whose snippets are tests. */
const SNIPPETS = ["mod.ts", "lib", "README.md", "docs/guide.md", "monitor/README.md", "fleet/README.md"];

/** Runs some tests in one process; `args` are passed to `deno test`. */
export async function runSome(args: string[]): Promise<Outcome> {
  return await showJob(test(await denoFlags(), args));
}

/**
 * Runs the tests: each file in a process of its own if all run, because evidence names the file; in batches otherwise.
 *
 * @param all Whether thorough tests run too, and those of tests/slow/ after the others and one file at a time.
 * @param env Variables of the environment of tests.
 */
export async function runAll(all: boolean, env: Record<string, string> = {}): Promise<Outcome> {
  const flags = await denoFlags();
  const files = testFiles();
  const { env: prepared, rustTests } = await prepare(all);
  const environment = { ...env, ...prepared };
  const isSlow = (file: string) => file.startsWith(SLOW);
  const isThorough = (file: string) => THOROUGH.some((path) => file.startsWith(path));
  const [slow, others] = [files.filter(isSlow), files.filter((file) => !isSlow(file))];
  const jobs = (batches: string[][]) => batches.map((batch) => denoJob(batch, flags));
  const parallel: Job[] = [
    ...rustTests.map((test) => rustJob(test, all)),
    {
      name: "snippets",
      command: Deno.execPath(),
      args: ["test", ...flags, ...all ? [] : ["--no-check"], "--doc", ...SNIPPETS],
    },
    ...all ? [typesJob(files, flags)] : [],
    ...jobs(all ? others.map((file) => [file]) : batches(others.filter((file) => !isThorough(file)))),
  ];
  const ended = [
    ...await retryFailed(await runJobs(longestFirst(parallel), AT_ONCE, environment), environment),
    ...await runJobs(all ? jobs(slow.map((file) => [file])) : [], 1, environment),
  ];
  recordTimes(ended);
  return sum(ended);
}

/** The test files of TypeScript. */
export function testFiles(): string[] {
  return FOLDERS.flatMap(filesIn);
}

/** The job that runs test files of TypeScript, several of them as a batch. */
export function denoJob(files: readonly string[], flags: string[]): Job {
  if (files.length === 1) return test(flags, ["--no-check", files[0]], files[0]);
  const name = `${files[0]} and ${files.length - 1} more`;
  return test(flags, ["--no-check", "tools/suite/batch.ts", "--", ...files], name);
}

function test(flags: string[], args: string[], name = args.join(" ")): Job {
  return { name, command: Deno.execPath(), args: ["test", ...flags, ...SANITIZERS, ...args] };
}

function filesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1).flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    return isDirectory ? filesIn(path) : path.endsWith("_test.ts") ? [path] : [];
  });
}
