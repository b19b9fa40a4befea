/** Faults of the file system: a real tmpfs that is full or read-only, and damaged files. */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { namespaceTest, runInNamespace } from "../../../tests/support/namespace.ts";
import type { Input, Output } from "../scripts/history_faults.ts";
import { HistoryFolder, RecordedMonitor } from "../support/recorded_monitor.ts";

/** Path relative to tests/scripts/. */
const SCRIPT = "../../monitor/tests/scripts/history_faults.ts";
const MINUTE = 60_000;

/** Runs a monitor with a history in a tmpfs. Each phase begins with a command. */
async function runOnTmpfs(options: string, commands: readonly string[]): Promise<Output> {
  using folder = new HistoryFolder();
  const setup = `mount -t tmpfs -o ${options} tmpfs '${folder.path}'`;
  const input: Input = {
    file: folder.file,
    commands: commands.map((command) => command.replaceAll("DIR", folder.path)),
  };
  return await runInNamespace<Output>(SCRIPT, input, { setup });
}

namespaceTest("a full file system is reported, and everything is written when there is space", async () => {
  // After the failure SQLite closes the file and removes its log, so the tmpfs is filled again.
  const fill = "cat /dev/zero >> DIR/filler 2>/dev/null; true";
  const { phases, minutes, events, dropped } = await runOnTmpfs("size=1m", ["true", fill, fill, "rm DIR/filler"]);
  const [before, full, still, after] = phases;
  assertEquals([before.messages, before.failures], [[], 0]);
  assertStringIncludes(full.messages[0], "the file system is full: free space, or lower database.max_size");
  assert(full.failures > 0 && full.checks > before.checks && still.checks > full.checks);
  assertEquals(after.problem, undefined);
  assertEquals([minutes, events, dropped], [[true, true, true, true, true], 1, 0]);
});

namespaceTest("a read-only file system is reported, and everything is written when it is writable", async () => {
  const { phases: [readOnly, still, after], minutes } = await runOnTmpfs(
    "ro",
    ["true", "true", "mount -o remount,rw DIR"],
  );
  assertStringIncludes(readOnly.messages[0], "it is read-only: make it and its folder writable");
  // The same problem is reported once.
  assertEquals([readOnly.messages.length, still.messages], [1, []]);
  assert(still.failures > readOnly.failures && still.checks > readOnly.checks);
  assertEquals([after.messages.length, after.problem], [1, undefined]);
  assertEquals(minutes, [true, true, true, true]);
});

Deno.test("a damaged file is reported, and a new file is created after it is moved away", async () => {
  using folder = new HistoryFolder();
  await Deno.writeTextFile(folder.file, "This is no database, and long enough to be read as one. ".repeat(100));
  await using recorded = await RecordedMonitor.start({ file: folder.file });
  const from = recorded.clock.date();
  await recorded.pass(MINUTE);
  assertEquals(recorded.messages.length, 1);
  assertStringIncludes(
    recorded.messages[0],
    "it is not an SQLite database, or it is damaged: choose another path, or move it away",
  );
  assertEquals(recorded.monitor.get("db")!.state, "up");
  await Deno.rename(folder.file, `${folder.file}.bad`);
  await recorded.pass(MINUTE);
  const points = await recorded.history.series("db", { from, to: from + 2 * MINUTE, step: MINUTE });
  assertEquals(points.map(({ pass }) => pass), [30, 30]);
  assertEquals(recorded.history.status().problem, undefined);
});

Deno.test("data that could not be written is reported at the end", async () => {
  using folder = new HistoryFolder();
  await Deno.writeTextFile(folder.file, "This is no database, and long enough to be read as one. ".repeat(100));
  const recorded = await RecordedMonitor.start({ file: folder.file });
  await recorded.pass(2 * MINUTE);
  const before = recorded.messages.length;
  await recorded[Symbol.asyncDispose]();
  // The first verdict, and a row per minute.
  assertEquals(recorded.messages.slice(before), [
    `4 events and minutes of targets were not written to the history: ${recorded.history.status().problem}`,
  ]);
});

Deno.test("pages that are damaged while the file is open are reported", async () => {
  using folder = new HistoryFolder();
  {
    await using recorded = await RecordedMonitor.start({ file: folder.file });
    await recorded.pass(2 * MINUTE);
  }
  const bytes = await Deno.readFile(folder.file);
  bytes.fill(0xff, 4096);
  await Deno.writeFile(folder.file, bytes);
  await using recorded = await RecordedMonitor.start({ file: folder.file });
  await recorded.pass(MINUTE);
  assertStringIncludes(recorded.messages[0], "it is damaged: move it away");
  assertEquals(recorded.monitor.get("db")!.state, "up");
  const series = () => recorded.history.series("db", { from: 0, to: MINUTE, step: MINUTE });
  await assertRejects(series, Error, "damaged");
});
