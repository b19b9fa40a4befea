/** This module with one promise per check. */

import { expected, inLoops, measure, startChecker, targets, unexpected } from "./measure.ts";

await using checker = await startChecker();

await measure((checks) =>
  inLoops(checks, async (n) => {
    const { status } = await checker.checkAddr(targets[n % targets.length], { timeout: 1000 });
    if (status !== expected) unexpected(status);
  })
);
