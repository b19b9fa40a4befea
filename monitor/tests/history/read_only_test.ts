/** Reads of a history on a real read-only tmpfs. */

import { DatabaseSync } from "node:sqlite";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { namespaceTest, runInNamespace } from "../../../tests/support/namespace.ts";
import type { Input, Output } from "../scripts/read_history.ts";
import { HistoryFolder, RecordedMonitor } from "../support/recorded_monitor.ts";

const SCRIPT = "../../monitor/tests/scripts/read_history.ts";
const MINUTE = 60_000;

async function recordOutage(file: string): Promise<RecordedMonitor> {
  const recorded = await RecordedMonitor.start({ file, find: () => "refused" });
  await recorded.pass(MINUTE);
  return recorded;
}

/** Reads a copy of some files of a folder. The first one is the database. */
async function readCopy({ path }: HistoryFolder, names: readonly string[]): Promise<Output> {
  await Deno.mkdir(`${path}/mount`);
  const copies = names.map((name) => `cp '${path}/${name}' '${path}/mount'`);
  const setup = [
    `mount -t tmpfs -o size=8m tmpfs '${path}/mount'`,
    ...copies,
    `mount -o remount,ro '${path}/mount'`,
  ].join("\n");
  const input: Input = { file: `${path}/mount/${names[0]}` };
  return await runInNamespace<Output>(SCRIPT, input, { setup });
}

namespaceTest("the history of an ended monitor is read from a read-only file system", async () => {
  using folder = new HistoryFolder();
  await (await recordOutage(folder.file))[Symbol.asyncDispose]();
  assertEquals(await readCopy(folder, ["history.db"]), { outages: 1 });
});

namespaceTest("the history of a running monitor is read from a read-only file system", async () => {
  using folder = new HistoryFolder();
  await using _recorded = await recordOutage(folder.file);
  assertEquals(await readCopy(folder, ["history.db", "history.db-wal", "history.db-shm"]), { outages: 1 });
});

namespaceTest("a history whose log can't be read is an error with a remedy", async () => {
  using folder = new HistoryFolder();
  await using _recorded = await recordOutage(folder.file);
  const { problem = "" } = await readCopy(folder, ["history.db", "history.db-wal"]);
  assertStringIncludes(
    problem,
    "it can't be read: make it readable and its folder writable, or copy it to another folder",
  );
});

Deno.test("a file that another process reads stays in WAL mode when the monitor ends, and is written again", async () => {
  using folder = new HistoryFolder();
  const recorded = await recordOutage(folder.file);
  using reader = new DatabaseSync(folder.file, { readOnly: true });
  const mode = () => Object.values(reader.prepare("PRAGMA journal_mode").get()!)[0];
  assertEquals(mode(), "wal");
  await recorded[Symbol.asyncDispose]();
  assertEquals([mode(), recorded.messages], ["wal", []]);
  await using second = await recordOutage(folder.file);
  assertEquals(second.messages, []);
});
