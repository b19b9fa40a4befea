/** Results counted by another program that come faster than they are written. */

import { assert, assertEquals } from "@std/assert";
import { HistoryFolder, RecordedMonitor } from "../support/recorded_monitor.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

Deno.test("no result is dropped if the caller waits for room in the queue", async () => {
  using folder = new HistoryFolder();
  const ids = Array.from({ length: 1000 }, (_, i) => `target-${i}`);
  const targets = ids.map((id) => ({ target: "192.0.2.1:5432", id }));
  await using recorded = await RecordedMonitor.start({ file: folder.file, targets, options: { interval: HOUR } });
  const { history, clock } = recorded;
  const rows = ids.map((id) => ({ id, pass: 1, fail: 1, neutral: 2, rtt: { min: 1, mean: 2, max: 4 } }));
  // More results than the queue holds.
  const times = 900;
  for (let i = 0; i < times; i++) await history.addResults({ minute: clock.date(), rows });
  const passes = async () => {
    const now = clock.date();
    const points = await history.series(ids[0], { from: now - HOUR, to: now + HOUR, step: MINUTE });
    return points.reduce((sum, { pass }) => sum + pass, 0);
  };
  // Results wait for up to a second, but many at once are written earlier.
  assert(await passes() > 0);
  await recorded.pass(2000);
  assertEquals([history.status().dropped, await passes()], [0, times]);
});
