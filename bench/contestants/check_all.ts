/** This module, a stream of results for each checker. */

import { concurrency, expected, measure, startCheckers, targets, unexpected } from "./measure.ts";

await using stack = new AsyncDisposableStack();
const checkers = await startCheckers(stack);
const options = { timeout: 1000, concurrency: concurrency / checkers.length };

await measure(async (checks) => {
  await Promise.all(checkers.map(async (checker) => {
    for await (const { status } of checker.checkAll(inTurns(checks / checkers.length), options)) {
      if (status !== expected) unexpected(status);
    }
  }));
});

function* inTurns(count: number): Generator<string> {
  for (let i = 0; i < count; i++) yield targets[i % targets.length];
}
