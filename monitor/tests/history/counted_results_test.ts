/** Results counted by another program, in the history. */

import { assert, assertEquals } from "@std/assert";
import { HistoryFolder, RecordedMonitor } from "../support/recorded_monitor.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Counts of a target. */
function row(id: string, pass: number, mean: number) {
  return { id, pass, fail: 1, neutral: 2, rtt: { min: mean / 2, mean, max: 2 * mean } };
}

Deno.test("counted results are added to their minute and, later, to its hour", async () => {
  using folder = new HistoryFolder();
  await using recorded = await RecordedMonitor.start({ file: folder.file, options: { interval: HOUR } });
  const { history, clock } = recorded;
  const start = clock.date();
  await recorded.pass(2 * MINUTE);
  history.addResults({ minute: start, rows: [row("db", 3, 2), row("none", 9, 9)] });
  history.addResults({ minute: start, rows: [row("db", 1, 6)] });
  await recorded.pass(MINUTE);
  const [point] = await history.series("db", { from: start, to: start + MINUTE, step: MINUTE });
  const { pass, fail, neutral, rttMin, rttMean, rttMax } = point;
  assertEquals([pass, fail, neutral, rttMin, rttMean, rttMax], [4, 2, 4, 1, 3, 12]);
  await recorded.pass(2 * HOUR);
  // Its hour has been rolled up.
  const hour = Math.floor(start / HOUR) * HOUR;
  const passes = async () => (await history.series("db", { from: hour, to: hour + HOUR, step: HOUR }))[0].pass;
  const before = await passes();
  history.addResults({ minute: start, rows: [row("db", 10, 2)] });
  await recorded.pass(MINUTE);
  assertEquals(await passes() - before, 10);
});

Deno.test("sums of results are limited to the greatest safe integer, in all levels", async () => {
  using folder = new HistoryFolder();
  await using recorded = await RecordedMonitor.start({ file: folder.file, options: { interval: HOUR } });
  const { history, clock } = recorded;
  const start = clock.date();
  const most = Number.MAX_SAFE_INTEGER;
  for (let i = 0; i < 2; i++) {
    history.addResults({ minute: start, rows: [{ id: "db", pass: most, fail: 0, neutral: 0 }] });
  }
  history.addResults({ minute: start + MINUTE, rows: [{ id: "db", pass: most, fail: 0, neutral: 0 }] });
  const hour = Math.floor(start / HOUR) * HOUR;
  const read = async (step: number) =>
    (await history.series("db", { from: hour, to: hour + HOUR, step })).filter(({ pass }) => pass > 0);
  await recorded.pass(2000);
  assertEquals((await read(MINUTE)).map(({ pass }) => pass), [most, most]);
  await recorded.pass(2 * HOUR);
  assertEquals((await read(HOUR)).map(({ pass }) => pass), [most]);
});

Deno.test("a restart reads the position of the last counted results", async () => {
  using folder = new HistoryFolder();
  const { file } = folder;
  {
    await using recorded = await RecordedMonitor.start({ file });
    const { history, clock } = recorded;
    assertEquals(history.position, undefined);
    for (const position of [7, 8]) history.addResults({ minute: clock.date(), rows: [row("db", 1, 1)], position });
    await recorded.pass(2000);
  }
  for (let run = 0; run < 2; run++) {
    await using recorded = await RecordedMonitor.start({ file });
    assertEquals(recorded.history.position, 8);
    await recorded.pass(2000);
  }
});

Deno.test("while the file can't be written no caller waits, and the oldest results are dropped", async () => {
  using folder = new HistoryFolder();
  await using recorded = await RecordedMonitor.start({ file: `${folder.path}/none/history.db` });
  const { history, clock } = recorded;
  const rows = Array.from({ length: 10_000 }, () => row("db", 1, 2));
  for (let i = 0; i < 100; i++) await history.addResults({ minute: clock.date(), rows });
  assert(history.status().dropped > 0);
});
