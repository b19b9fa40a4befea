import { DatabaseSync } from "node:sqlite";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { APPLICATION_ID, MIGRATIONS, pragma } from "../../lib/history/schema.ts";
import { HistoryFolder, RecordedMonitor } from "../support/recorded_monitor.ts";

/** Creates a file of an older version, with an event. */
function makeOld(file: string, version: number): void {
  using db = new DatabaseSync(file);
  for (const statements of MIGRATIONS.slice(0, version)) db.exec(statements);
  db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${version}`);
  db.exec(`INSERT INTO targets VALUES (1, 'db'); INSERT INTO events VALUES (7, 1, 1000, 1, '{"old":true}')`);
}

Deno.test("a file of an older version is migrated with its content", async () => {
  using folder = new HistoryFolder();
  makeOld(folder.file, 1);
  await using recorded = await RecordedMonitor.start({ file: folder.file });
  const [event] = await recorded.history.events({ limit: 1, target: "db" });
  assertEquals(event, { id: "7-1", at: 1000, json: '{"old":true}' });
  await recorded.pass(60_000);
  using db = new DatabaseSync(folder.file, { readOnly: true });
  assertEquals(pragma(db, "user_version"), MIGRATIONS.length);
  const plan = db.prepare("EXPLAIN QUERY PLAN SELECT * FROM events WHERE key = 1 ORDER BY boot, sequence").all();
  assertStringIncludes(String(plan[0].detail), "events_key");
  assertEquals(recorded.messages, []);
});

for (
  const [what, change, message] of [
    ["of a newer version", "PRAGMA user_version = 99", "has schema version 99, and this program knows"],
    ["of another program", "PRAGMA application_id = 5", "is a database of another program: choose another path"],
  ] as const
) {
  Deno.test(`a file ${what} is left alone`, async () => {
    using folder = new HistoryFolder();
    makeOld(folder.file, 1);
    {
      using db = new DatabaseSync(folder.file);
      db.exec(change);
    }
    const before = Deno.readFileSync(folder.file);
    {
      await using recorded = await RecordedMonitor.start({ file: folder.file });
      await recorded.pass(60_000);
      assertStringIncludes(recorded.messages.join(), message);
      assertEquals(recorded.monitor.get("db")!.state, "up");
    }
    // Opening switches the journal's mode, which is in bytes 18 and 19; nothing else changes.
    const after = Deno.readFileSync(folder.file);
    assertEquals(after.length, before.length);
  });
}
