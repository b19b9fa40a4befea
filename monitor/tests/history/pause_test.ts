/** Pauses of a history, while the states are not known. */

import { assertEquals } from "@std/assert";
import { HistoryFolder, RecordedMonitor } from "../support/recorded_monitor.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

Deno.test("a pause is a gap of each target, also in minutes that end during the pause", async () => {
  using folder = new HistoryFolder();
  await using recorded = await RecordedMonitor.start({ file: folder.file, options: { interval: HOUR } });
  const { history, monitor, clock } = recorded;
  const start = clock.date();
  const times = async () => {
    const points = await history.series("db", { from: start - MINUTE, to: clock.date() + MINUTE, step: MINUTE });
    return points.reduce((sum, { up, down, unknown, maintenance }) => sum + up + down + unknown + maintenance, 0);
  };
  await recorded.pass(2.25 * MINUTE);
  history.pause();
  await recorded.pass(10 * MINUTE);
  // An event in the pause counts no time either.
  monitor.setMaintenance("db", true);
  await recorded.pass(MINUTE);
  history.resume();
  await recorded.pass(3 * MINUTE);
  await recorded.pass(MINUTE - clock.date() % MINUTE);
  await recorded.pass(1);
  assertEquals(await times(), 2.25 * MINUTE + (clock.date() - start - 13.25 * MINUTE) - 1);
});
