/** The test suite's retry: a test that failed beside others runs once more, alone. */

import { assertEquals } from "@std/assert";
import { runJobs } from "../../tools/suite/job.ts";
import { retryFailed } from "../../tools/suite/retry.ts";

Deno.test("a job that fails once counts as passed after its retry", async () => {
  const mark = await Deno.makeTempFile();
  await Deno.remove(mark);
  const failsOnce = `if test -e ${mark}; then echo 'ok | 1 passed | 0 failed'; else touch ${mark}; exit 1; fi`;
  const [{ passed, failed, ok }] = await runTwice(failsOnce);
  await Deno.remove(mark);
  assertEquals({ passed, failed, ok }, { passed: 1, failed: 0, ok: true });
});

Deno.test("a job that fails twice counts as failed, once", async () => {
  const ended = await runTwice("exit 1");
  assertEquals(ended.map(({ ok }) => ok), [false]);
});

async function runTwice(script: string) {
  const job = { name: "job", command: "sh", args: ["-c", script] };
  return await retryFailed(await runJobs([job], 1, {}), {});
}
