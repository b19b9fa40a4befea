/** Back-pressure of checkAll(). */

import { assert } from "@std/assert";
import type { Checker } from "../../mod.ts";

/**
 * Asserts that checkAll() takes no more targets while its results are not consumed.
 *
 * @param checker A checker that runs.
 * @param target An open port.
 */
export async function assertBackPressure(checker: Checker, target: string): Promise<void> {
  let taken = 0;
  function* endless() {
    for (;;) {
      taken++;
      yield target;
    }
  }
  const results = checker.checkAll(endless(), { concurrency: 10 });
  await results.next();
  // Far longer than a thousand checks take.
  for (let i = 0; i < 1000; i++) await checker.checkAddr(target);
  assert(taken <= 30, `${taken} targets were taken`);
  await results.return!();
}
