/** This module with one promise per check. */

import { expected, inLoops, measure, startCheckers, target, unexpected } from "./measure.ts";

const checkers = await startCheckers();

await measure((checks) =>
  inLoops(checks, async (n) => {
    const { status } = await checkers[n % checkers.length].checkAddr(target, { timeout: 1000 });
    if (status !== expected) unexpected(status);
  })
);

for (const checker of checkers) await checker[Symbol.asyncDispose]();
