/** The outbox: order, bounds, restarts, and a disk that is full. */

import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { type MessageKind, Outbox } from "../../lib/agent/outbox.ts";
import { openStore } from "../../lib/agent/store.ts";

/** A message, identified by its subject. */
function message(subject: string, kind: MessageKind = "event", bytes = 10) {
  return { kind, subject, count: 1, body: new Uint8Array(bytes) };
}

function subjects(outbox: Outbox, count = 1000): string[] {
  return outbox.oldest(count).map(({ subject }) => subject);
}

/** A file in a directory that the test removes. */
function temporaryFile() {
  const directory = Deno.makeTempDirSync();
  return {
    path: `${directory}/outbox.db`,
    [Symbol.dispose]: () => Deno.removeSync(directory, { recursive: true }),
  };
}

Deno.test("messages are read in order, and removed when they are acknowledged", () => {
  using database = openStore();
  const outbox = new Outbox(database);
  outbox.append([message("1"), message("2")]);
  outbox.append([message("3")]);
  assertEquals([subjects(outbox), outbox.length, outbox.bytes], [["1", "2", "3"], 3, 30]);
  assertEquals(subjects(outbox, 2), ["1", "2"]);
  outbox.remove(outbox.oldest(1)[0]);
  assertEquals([subjects(outbox), outbox.length, outbox.bytes], [["2", "3"], 2, 20]);
});

Deno.test("queued messages survive the process, in order", () => {
  using file = temporaryFile();
  {
    using database = openStore(file.path);
    const outbox = new Outbox(database);
    outbox.append([message("1"), message("2", "minutes", 7), message("3")]);
    outbox.remove(outbox.oldest(1)[0]);
  }
  using database = openStore(file.path);
  const outbox = new Outbox(database);
  assertEquals([subjects(outbox), outbox.length, outbox.bytes], [["2", "3"], 2, 17]);
  outbox.append([message("4")]);
  assertEquals(subjects(outbox), ["2", "3", "4"]);
  assertEquals(outbox.oldest(1)[0].body, new Uint8Array(7));
});

Deno.test("a full outbox drops its oldest minutes, then its oldest events, and counts them", () => {
  using database = openStore();
  const outbox = new Outbox(database, { messages: 4 });
  outbox.append([message("e1"), message("m1", "minutes"), message("e2"), message("m2", "minutes")]);
  outbox.append([message("e3")]);
  outbox.append([message("e4"), message("e5")]);
  assertEquals([subjects(outbox), outbox.dropped], [["e2", "e3", "e4", "e5"], { event: 1, minutes: 2 }]);
  assertEquals([outbox.length, outbox.bytes], [4, 40]);
});

Deno.test("bytes are bounded, too, and a message in flight is not dropped", () => {
  using database = openStore();
  const outbox = new Outbox(database, { bytes: 100 });
  outbox.append([message("1", "event", 40), message("2", "event", 40)]);
  const [first] = outbox.oldest(1);
  outbox.append([message("3", "event", 40)]);
  assertEquals([subjects(outbox), outbox.dropped.event, outbox.bytes], [["1", "3"], 1, 80]);
  outbox.remove(first);
  assertEquals([subjects(outbox), outbox.length, outbox.bytes], [["3"], 1, 40]);
});

Deno.test("while the file can't be written, new messages stay in memory, in order", () => {
  using file = temporaryFile();
  using database = openStore(file.path);
  const outbox = new Outbox(database);
  outbox.append([message("1")]);
  // SQLite's own limit: the next page fails as on a disk that is full.
  const { page_count: pages } = database.prepare("PRAGMA page_count").get() as { page_count: number };
  database.exec(`PRAGMA max_page_count = ${pages}`);
  outbox.append([message("2", "event", 10_000)]);
  outbox.append([message("3", "event", 10_000)]);
  assertMatch(outbox.failure!, /full/);
  assertEquals([subjects(outbox), outbox.length], [["1", "2", "3"], 3]);
  outbox.remove(outbox.oldest(1)[0]);
  outbox.remove(outbox.oldest(1)[0]);
  assertEquals([subjects(outbox), outbox.length], [["3"], 1]);
  database.exec("PRAGMA max_page_count = 1000000");
  outbox.append([message("4")]);
  assertEquals([outbox.failure, subjects(outbox), outbox.length], [undefined, ["3", "4"], 2]);
  assertEquals(database.prepare("SELECT count(*) AS n FROM message").get()!.n, 2);
});

Deno.test("memory is bounded while the file can't be written", () => {
  using file = temporaryFile();
  using database = openStore(file.path);
  const outbox = new Outbox(database);
  const { page_count: pages } = database.prepare("PRAGMA page_count").get() as { page_count: number };
  database.exec(`PRAGMA max_page_count = ${pages}`);
  outbox.append([message("first", "event", 10_000)]);
  outbox.append(Array.from({ length: 10_050 }, (_, i) => message(String(i))));
  assertEquals([outbox.length, outbox.dropped.event, subjects(outbox, 1)], [10_000, 51, ["50"]]);
});

Deno.test("a second process can't open the file, and gets a remedy", () => {
  using file = temporaryFile();
  using _database = openStore(file.path);
  const { message } = assertThrows(() => openStore(file.path), Error);
  assertMatch(message, /^Cannot open the outbox .*another process uses it: give each agent its own file$/);
});
