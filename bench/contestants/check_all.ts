/** This module with a stream of results. */

import { concurrency, expected, measure, startChecker, target, unexpected } from "./measure.ts";

await using checker = await startChecker();

await measure(async (checks) => {
  for await (const { status } of checker.checkAll(repeat(checks), { timeout: 1000, concurrency })) {
    if (status !== expected) unexpected(status);
  }
});

function* repeat(count: number): Generator<string> {
  for (let i = 0; i < count; i++) yield target;
}
