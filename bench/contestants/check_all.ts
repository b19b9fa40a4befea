/** This module, a stream of results. */

import { Checker } from "../../mod.ts";
import { expectedStatus, given, IN_FLIGHT, measure, unexpected } from "./measure.ts";

const { target } = given;
const expected = expectedStatus();
await using checker = new Checker();
checker.checkingLoop();
await checker.waitReady();

await measure(async (checks) => {
  const options = { timeout: 1000, concurrency: IN_FLIGHT };
  for await (const { status } of checker.checkAll(targets(checks), options)) {
    if (status !== expected) unexpected(status);
  }
});

function* targets(count: number): Generator<string> {
  for (let i = 0; i < count; i++) yield target;
}
