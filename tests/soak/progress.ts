/** Progress reports, and a watchdog. */

import { show } from "./numbers.ts";
import { rss } from "./memory.ts";
import type { Tally } from "./tally.ts";

const INTERVAL = 5_000;
/** Number of intervals without the end of a check after which the soak has lost a check. */
const STALLED = 24;

/**
 * Prints the progress every few seconds, and ends the process if there is none.
 *
 * @param start The start.
 * @param total Counts all checks.
 */
export function reportProgress(start: number, total: Tally): void {
  let [at, checks, stalled] = [start, 0, 0];
  const timer = setInterval(() => {
    const now = performance.now();
    const rate = (total.checks - checks) / (now - at) * 1000;
    const columns: [number, number, string][] = [
      [(now - start) / 1000, 5, "s"],
      [total.checks, 11, "checks"],
      [rate, 7, "a second"],
      [rss() / 1024, 5, "MB"],
    ];
    console.error(columns.map(([value, width, unit]) => `${show(value).padStart(width)} ${unit}`).join("  "));
    stalled = total.checks === checks ? stalled + 1 : 0;
    if (stalled === STALLED) {
      console.error(`FAILED: no check has ended for ${STALLED * INTERVAL / 1000} s`);
      Deno.exit(1);
    }
    [at, checks] = [now, total.checks];
  }, INTERVAL);
  Deno.unrefTimer(timer);
}
