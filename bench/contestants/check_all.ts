/** This module with a stream of results. */

import { concurrency, expected, measure, startChecker, targets, unexpected } from "./measure.ts";

await using checker = await startChecker();

await measure(async (checks) => {
  for await (const { status } of checker.checkAll(inTurns(checks), { timeout: 1000, concurrency })) {
    if (status !== expected) unexpected(status);
  }
});

function* inTurns(count: number): Generator<string> {
  for (let i = 0; i < count; i++) yield targets[i % targets.length];
}
