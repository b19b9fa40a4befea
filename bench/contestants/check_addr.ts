/** This module, a promise a check. */

import { Checker } from "../../mod.ts";
import { expectedStatus, given, inLoops, measure, unexpected } from "./measure.ts";

const { target } = given;
const expected = expectedStatus();
await using checker = new Checker();
checker.checkingLoop();
await checker.waitReady();

await measure((checks) =>
  inLoops(checks, async () => {
    const { status } = await checker.checkAddr(target, { timeout: 1000 });
    if (status !== expected) unexpected(status);
  })
);
