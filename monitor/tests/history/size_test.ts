/** Sizes and retention, with minutes that are written at once, without a clock. */

import { DatabaseSync } from "node:sqlite";
import { assert, assertEquals } from "@std/assert";
import { HistoryFile } from "../../lib/history/history_file.ts";
import { HistoryFolder, RecordedMonitor } from "../support/recorded_monitor.ts";
import { WrittenHistory } from "../support/written_history.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 9, 1);

Deno.test("a month of minutes takes no more space than docs/history.md computes, and loses no time", () => {
  using folder = new HistoryFolder();
  const targets = 3;
  using history = new WrittenHistory(folder.file, targets);
  const end = START + 31 * DAY;
  const size = history.writeAll(START, end);
  const pageOfEachTable = 16 * 4096;
  assert(size <= targets * (2880 * 45 + 744 * 55 + 31 * 55 + 300) + pageOfEachTable, `${size}`);

  const { reader } = history.store;
  for (const { up, coverage } of reader.uptime({ from: START, to: end }).values()) {
    assertEquals([up, coverage], [31 * DAY, 1]);
  }
  const days = reader.series(history.ids[2], { from: START, to: end, step: DAY });
  assertEquals(days.map(({ pass }) => pass), Array(31).fill(1440 * 30));
  const hours = reader.series(history.ids[2], { from: START, to: end, step: HOUR });
  assertEquals(new Set(hours.map(({ pass }) => pass)), new Set([60 * 30]));
  // The last two days have minutes. Older rows are in the first minute of each hour.
  const minutes = reader.series(history.ids[2], { from: end - 3 * DAY, to: end, step: 60_000 });
  assertEquals(minutes.reduce((sum, { pass }) => sum + pass, 0), 3 * 1440 * 30);
  assertEquals(minutes.filter(({ pass }) => pass > 0).length, 24 + 2 * 1440);
  // A range that begins and ends within hours.
  const [uptime] = reader.uptime({ from: end - 90 * 60_000, to: end - 20 * 60_000, ids: [history.ids[0]] }).values();
  assertEquals([uptime.up, uptime.coverage], [70 * 60_000, 1]);
});

Deno.test("a removed target is deleted with its last day, and others keep their rows", () => {
  using folder = new HistoryFolder();
  const retention = { minutes: HOUR, hours: 6 * HOUR, days: 3 * DAY, events: 3 * DAY };
  const write = (targets: number, from: number, to: number) => {
    using history = new WrittenHistory(folder.file, targets, { retention });
    for (let minute = from; minute < to; minute += 10 * 60_000) history.write(minute);
    const { reader } = history.store;
    return [...reader.uptime({ from: START, to }).keys()];
  };
  write(3, START, START + 2 * DAY);
  const known = (ids: readonly string[]) => {
    using file = new HistoryFile(folder.file);
    assertEquals(file.ids(), ids);
  };
  // Days of the removed targets are still there.
  write(1, START + 2 * DAY, START + 4 * DAY + HOUR);
  known(["target-0.example:443", "target-1.example:443", "target-2.example:443"]);
  const left = write(1, START + 4 * DAY + HOUR, START + 6 * DAY);
  known(["target-0.example:443"]);
  assertEquals(left, ["target-0.example:443"]);
  // A name that is added again has its own rows.
  assertEquals(write(2, START + 6 * DAY, START + 6 * DAY + HOUR), ["target-0.example:443", "target-1.example:443"]);
});

Deno.test("max_size deletes the oldest minutes first, and no hours", () => {
  using folder = new HistoryFolder();
  const maxSize = 2 ** 20;
  using history = new WrittenHistory(folder.file, 50, { maxSize });
  const end = START + 2 * DAY;
  const size = history.writeAll(START, end);
  assert(size <= maxSize, `${size}`);
  const { reader } = history.store;
  const minutes = reader.series(history.ids[0], { from: end - HOUR, to: end, step: 60_000 });
  assert(minutes.every(({ pass }) => pass === 30));
  const hours = reader.series(history.ids[0], { from: START, to: end, step: HOUR });
  assertEquals(hours.map(({ pass }) => pass), Array(48).fill(1800));
});

/** Writes ten hours of 200 targets, which take more than 3 MB. */
function writeTenHours(file: string): void {
  using history = new WrittenHistory(file, 200);
  history.writeAll(START, START + 10 * HOUR);
}

Deno.test("a lower max_size drops a part of the minutes at a time, and minutes are written between", () => {
  using folder = new HistoryFolder();
  writeTenHours(folder.file);
  const maxSize = 2 ** 20;
  using history = new WrittenHistory(folder.file, 200, { maxSize });
  const { store } = history;
  let next = START + 10 * HOUR;
  using db = new DatabaseSync(folder.file, { readOnly: true });
  const left = () => Number(db.prepare("SELECT count(DISTINCT t) AS count FROM minutes").get()!.count);
  history.write(next);
  next += 60_000;
  let before = left();
  assert(before > 590, `${before} of 601 minutes are left`);
  let steps = 0;
  for (; store.shrink(); steps++) {
    const after = left();
    assert(before - after <= 10_000 / 200, `${before - after} minutes at once`);
    before = after;
    history.write(next);
    next += 60_000;
    before = left();
  }
  assert(steps > 5, `${steps} steps`);
  const size = history.write(next);
  assert(size <= maxSize, `${size}`);
  const hours = store.reader.series(history.ids[0], { from: START, to: START + 10 * HOUR, step: HOUR });
  assertEquals(hours.map(({ pass }) => pass), Array(10).fill(1800));
});

Deno.test("the history of a monitor shrinks to a lower max_size without another minute", async () => {
  using folder = new HistoryFolder();
  writeTenHours(folder.file);
  const maxSize = 2 ** 21;
  await using recorded = await RecordedMonitor.start({ file: folder.file, history: { maxSize } });
  await recorded.history.settled();
  using db = new DatabaseSync(folder.file, { readOnly: true });
  const size = () => Number(db.prepare("PRAGMA page_count").get()!.page_count) * 4096;
  assert(size() > maxSize);
  while (size() > maxSize) await new Promise((resolve) => setTimeout(resolve, 20));
  assertEquals(recorded.messages, []);
});

Deno.test("rows after a backward step of the clock are in all levels", () => {
  using folder = new HistoryFolder();
  using history = new WrittenHistory(folder.file, 1);
  history.writeAll(START, START + 3 * HOUR);
  history.writeAll(START + HOUR, START + 2 * HOUR);
  const { reader } = history.store;
  const series = (step: number) => reader.series(history.ids[0], { from: START, to: START + 3 * HOUR, step });
  assertEquals(series(HOUR).map(({ pass }) => pass), [1800, 3600, 1800]);
  assertEquals(series(60_000).reduce((sum, { pass }) => sum + pass, 0), 7200);
});

Deno.test("minutes that arrive after their retention hide no others", () => {
  using folder = new HistoryFolder();
  using history = new WrittenHistory(folder.file, 1, { retention: { minutes: 2 * HOUR } });
  history.writeAll(START, START + 12 * HOUR);
  history.writeAll(START + HOUR, START + 2 * HOUR);
  history.write(START + 12 * HOUR);
  const range = { from: START, to: START + 12 * HOUR, step: 60_000 };
  const points = history.store.reader.series(history.ids[0], range);
  assertEquals(points.reduce((sum, { pass }) => sum + pass, 0), 13 * 1800);
});

Deno.test("a clock that jumps ahead deletes only a part of the history", () => {
  using folder = new HistoryFolder();
  using history = new WrittenHistory(folder.file, 1);
  history.writeAll(START, START + 10 * HOUR);
  history.write(START + 5 * 365 * DAY);
  const points = history.store.reader.series(history.ids[0], { from: START, to: START + 10 * HOUR, step: HOUR });
  assertEquals(points.map(({ pass }) => pass), Array(10).fill(1800));
});
