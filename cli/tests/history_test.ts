/** `tcp-checker history` as a process that may only read its file. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { commandAllowed, type Ended } from "../../tests/support/command.ts";
import { CommandProcess } from "../../tests/support/command_process.ts";
import { HistoryFolder, RecordedMonitor } from "../../monitor/tests/support/recorded_monitor.ts";
import type { Finding } from "../../monitor/tests/support/scripted_prober.ts";

const MINUTE = 60_000;
const TARGETS = [{ target: "192.0.2.1:5432", id: "db", group: "sql" }, { target: "192.0.2.2:80", id: 'a,"b' }];

/** A history of ten minutes: `db` is down from the third to the fifth minute, and again at the end. */
async function recordHistory(file: string): Promise<number> {
  let finding: Finding = "up";
  const find = (target: string): Finding => target === "192.0.2.1:5432" ? finding : "up";
  await using recorded = await RecordedMonitor.start({ file, targets: TARGETS, find });
  const start = recorded.clock.date();
  for (const [minutes, next] of [[2, "refused"], [2, "up"], [5, "timeout"], [1, "timeout"]] as const) {
    await recorded.pass(minutes * MINUTE);
    finding = next;
  }
  return start;
}

/** `tcp-checker history` with one database. */
class History extends CommandProcess {
  readonly #file: string;

  constructor(file: string) {
    super(commandAllowed(`--allow-read=${file}`));
    this.#file = file;
  }

  print(...args: string[]): Promise<Ended> {
    return this.run(["history", "--database", this.#file, ...args]);
  }
}

Deno.test("tcp-checker history prints outages as a table, as CSV and as JSON", async () => {
  using folder = new HistoryFolder();
  await using history = new History(folder.file);
  const start = await recordHistory(folder.file);
  const table = await history.print();
  assertEquals([table.code, table.stderr], [0, ""]);
  const [head, first, second, ...rest] = table.stdout.trimEnd().split("\n");
  assertMatch(head, /^start +end +length +target +reason$/);
  assertMatch(first, /^2026-11-28T00:02:0\dZ {2}2026-11-28T00:04:0\dZ {2}(1m 5\ds|2m) +db +refused ECONNREFUSED$/);
  assertMatch(second, /^2026-11-28T00:09:0\dZ {2}still down +5\d(\.\d)?s +db +timeout$/);
  assertEquals(rest, []);

  const csv = (await history.print("--csv")).stdout.split("\r\n");
  assertEquals(csv[0], "id,target,group,start,end,seconds,reason");
  assertMatch(
    csv[1],
    /^db,192\.0\.2\.1:5432,sql,2026-11-28T00:02:0\d\.\d+Z,2026-11-28T00:04:0\d\.\d+Z,1\d\d(\.\d+)?,refused ECONNREFUSED$/,
  );
  assertEquals([csv.length, csv[3]], [4, ""]);

  const json = (await history.print("--json")).stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assertEquals(json.map(({ id, end }) => [id, end === null]), [["db", false], ["db", true]]);
  assertEquals(Date.parse(json[0].end) - Date.parse(json[0].start), json[0].seconds * 1000);
  assertEquals(Math.floor((Date.parse(json[0].start) - start) / MINUTE), 2);
});

Deno.test("tcp-checker history prints the named targets' outages that overlap --from and --to", async () => {
  using folder = new HistoryFolder();
  await using history = new History(folder.file);
  await recordHistory(folder.file);
  const starts = async (...args: string[]) =>
    (await history.print("--json", ...args)).stdout.match(/"start":"[^"]*T00:\d\d/g)?.map((text) => text.slice(-5));
  assertEquals(await starts("--from", "2026-11-28T00:03:00Z"), ["00:02", "00:09"]);
  assertEquals(await starts("--from", "2026-11-28T00:06:00Z"), ["00:09"]);
  assertEquals(await starts("--to", "2026-11-28T01:03:00+01:00"), ["00:02"]);
  assertEquals(await starts("--to", "2026-11-28"), undefined);
  assertEquals(await starts("db"), ["00:02", "00:09"]);
  assertEquals((await history.print('a,"b')).stdout, "No outages\n");
});

Deno.test("tcp-checker history --uptime prints uptime and coverage per month", async () => {
  using folder = new HistoryFolder();
  await using history = new History(folder.file);
  await recordHistory(folder.file);
  const { stdout } = await history.print("--uptime");
  const [head, ...rows] = stdout.trimEnd().split("\n");
  assertMatch(head, /^month +uptime +known +down +target$/);
  assertMatch(rows[0], /^2026-11 +100\.000% +99\.\d% +0s +a,"b$/);
  assertMatch(rows[1], /^2026-11 +7\d\.\d{3}% +99\.\d% +2m 5\ds +db$/);
  const csv = (await history.print("--uptime", "--csv")).stdout.split("\r\n");
  assertEquals(csv[0], "id,month,uptime,coverage,upSeconds,downSeconds,unknownSeconds,maintenanceSeconds");
  assertMatch(csv[1], /^"a,""b",2026-11,1,0\.99/);
  const [, db] = (await history.print("--uptime", "--json")).stdout.trimEnd().split("\n").map((line) =>
    JSON.parse(line)
  );
  assertEquals(Number((db.upSeconds / (db.upSeconds + db.downSeconds)).toFixed(7)), db.uptime);
});

Deno.test("tcp-checker history prints no control or format character of an id, a group or a reason", async () => {
  using folder = new HistoryFolder();
  await using history = new History(folder.file);
  const foreign = "a\x9b31m\x7f\u202e\u2028z\n";
  const targets = [{ target: "192.0.2.1:5432", id: foreign, group: foreign }];
  {
    await using recorded = await RecordedMonitor.start({ file: folder.file, targets, find: () => "refused" });
    await recorded.pass(MINUTE);
  }
  for (const format of [[], ["--csv"], ["--json"], ["--uptime"], ["--uptime", "--csv"], ["--uptime", "--json"]]) {
    const { code, stdout } = await history.print(...format);
    assertEquals([code, stdout.match(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu)?.filter((one) => !"\r\n".includes(one))], [0, []]);
    assertEquals(stdout.includes(String.raw`a\u009b31m\u007f\u202e\u2028z`), true, stdout);
    if (format.includes("--json")) assertEquals(JSON.parse(stdout).id, foreign);
  }
});

Deno.test("tcp-checker history rejects invalid arguments and files with a remedy", async () => {
  using folder = new HistoryFolder();
  await using history = new History(folder.file);
  const messages: string[] = [];
  const fail = async (...args: string[]) => {
    const { code, stderr, stdout } = await history.print(...args);
    messages.push(stderr);
    return [code, stdout];
  };
  assertEquals(await fail(), [4, ""]);
  assertStringIncludes(messages.pop()!, `There is no file ${folder.file}`);
  await Deno.writeTextFile(folder.file, "This is no database, and long enough to be read as one. ".repeat(100));
  assertEquals(await fail(), [4, ""]);
  assertStringIncludes(messages.pop()!, "it is not an SQLite database, or it is damaged: choose another path");
  await Deno.writeTextFile(folder.file, "");
  assertEquals(await fail(), [4, ""]);
  assertStringIncludes(messages.pop()!, `Cannot use "${folder.file}": it is empty: no monitor has written to it`);
  await Deno.remove(folder.file);
  await Deno.mkdir(folder.file);
  assertEquals(await fail(), [4, ""]);
  assertStringIncludes(messages.pop()!, "it is a folder: give the path of a file");
  await Deno.remove(folder.file);
  await recordHistory(folder.file);
  assertEquals(await fail("nope"), [3, ""]);
  assertStringIncludes(messages.pop()!, 'The history has no target "nope": leave out the ids to print all targets');
  assertEquals(await fail("--from", "2026-11-29", "--to", "2026-11-28"), [3, ""]);
  assertEquals(await fail("--from", "yesterday"), [3, ""]);
  assertEquals(await fail("--from", "2026-02-31x"), [3, ""]);
  const { code, stderr } = await history.run(["history"]);
  assertEquals([code, stderr], [3, "tcp-checker: No database given: add --database FILE\n"]);
});
