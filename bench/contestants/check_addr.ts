/** This module, a promise a check. */

import { expected, inLoops, measure, startCheckers, targets, unexpected } from "./measure.ts";

await using stack = new AsyncDisposableStack();
const checkers = await startCheckers(stack);

await measure((checks) =>
  inLoops(checks, async (n) => {
    const checker = checkers[n % checkers.length];
    const { status } = await checker.checkAddr(targets[n % targets.length], { timeout: 1000 });
    if (status !== expected) unexpected(status);
  })
);
