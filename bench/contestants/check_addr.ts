/** This module with one promise per check. */

import { expected, inLoops, measure, startChecker, target, unexpected } from "./measure.ts";

await using checker = await startChecker();

await measure((checks) =>
  inLoops(checks, async () => {
    const { status } = await checker.checkAddr(target, { timeout: 1000 });
    if (status !== expected) unexpected(status);
  })
);
