import { assert, assertEquals } from "@std/assert";
import { HistoryFile } from "../../lib/history/history_file.ts";
import { DB, HistoryFolder, RecordedMonitor } from "../support/recorded_monitor.ts";
import type { MonitorTarget } from "../../lib/target.ts";
import { HeldClock } from "../support/held_clock.ts";
import type { Finding } from "../support/scripted_prober.ts";

const MINUTE = 60_000;

Deno.test("an outage that continues across a restart is one outage", async () => {
  using folder = new HistoryFolder();
  let finding: Finding = "refused";
  const options = { file: folder.file, find: () => finding };
  const first = await RecordedMonitor.start(options);
  const { clock } = first;
  await first.pass(MINUTE);
  await first[Symbol.asyncDispose]();
  await clock.pass(5 * MINUTE);
  await using second = await RecordedMonitor.start({ ...options, clock });
  await second.pass(MINUTE);
  finding = "up";
  await second.pass(MINUTE);
  using history = new HistoryFile(folder.file);
  const outages = history.outages();
  assertEquals(outages.map(({ id }) => id), ["db"]);
  assert(outages[0].length > 7 * MINUTE - 10_000);
});

Deno.test("an outage of a target that is no longer monitored ends when the target was last seen", async () => {
  using folder = new HistoryFolder();
  const first = await RecordedMonitor.start({ file: folder.file, find: () => "refused" });
  const { clock } = first;
  await first.pass(MINUTE);
  const end = clock.date();
  await first[Symbol.asyncDispose]();
  await clock.pass(5 * MINUTE);
  await using second = await RecordedMonitor.start({
    file: folder.file,
    targets: [{ target: "192.0.2.2:80", id: "web" }],
    clock,
  });
  await second.pass(MINUTE);
  using history = new HistoryFile(folder.file);
  assertEquals(history.outages().map(({ id, end }) => [id, end]), [["db", end]]);
});

Deno.test("an outage ends with the last run that saw the target down, not with the last event", async () => {
  using folder = new HistoryFolder();
  const web = { target: "192.0.2.2:80", id: "web" };
  const clock = new HeldClock();
  const run = async (targets: readonly MonitorTarget[], find: () => Finding) => {
    {
      await using recorded = await RecordedMonitor.start({ file: folder.file, targets, find, clock });
      await recorded.pass(2 * MINUTE + 20_000);
    }
    const end = clock.date();
    await clock.pass(5 * MINUTE);
    return end;
  };
  await run([DB], () => "refused");
  // The second run has no event of the target, which was down all the time.
  const end = await run([DB], () => "refused");
  await run([web], () => "up");
  const ends = () => {
    using history = new HistoryFile(folder.file);
    return history.outages().map(({ end }) => end);
  };
  assertEquals(ends(), [end]);
  // A target that the previous run did not have begins with the state unknown.
  await run([DB], () => "up");
  assertEquals(ends(), [end]);
});

Deno.test("the outage after a maintenance has the option initial as its reason", async () => {
  using folder = new HistoryFolder();
  const options = { initial: "down" } as const;
  await using recorded = await RecordedMonitor.start({ file: folder.file, find: () => "refused", options });
  await recorded.pass(MINUTE);
  recorded.monitor.setMaintenance("db", true, { reason: "update" });
  await recorded.pass(MINUTE);
  recorded.monitor.setMaintenance("db", false);
  await recorded.pass(MINUTE);
  using history = new HistoryFile(folder.file);
  assertEquals(history.outages().map(({ reason }) => reason), ["down by the option initial, without a check"]);
});

Deno.test("maintenance and removal end an outage", async () => {
  using folder = new HistoryFolder();
  const web = { target: "192.0.2.2:80", id: "web" };
  await using recorded = await RecordedMonitor.start({ file: folder.file, targets: [DB, web], find: () => "refused" });
  await recorded.pass(MINUTE);
  const at = recorded.clock.date();
  recorded.monitor.setMaintenance("db", true);
  recorded.monitor.remove("web");
  await recorded.pass(MINUTE);
  using history = new HistoryFile(folder.file);
  assertEquals(history.outages().map(({ end }) => end), [at, at]);
});

Deno.test("uptime per month is divided at the start of a month in UTC", async () => {
  using folder = new HistoryFolder();
  const options = { file: folder.file };
  await using recorded = await RecordedMonitor.start(options);
  // From November 28th; the checks are the same in all months.
  await recorded.pass(10 * MINUTE);
  recorded.clock.dateOffset = Date.UTC(2026, 11, 1);
  await recorded.pass(10 * MINUTE);
  using history = new HistoryFile(folder.file);
  const [november, december] = history.uptimes();
  assertEquals([november.month, december.month], ["2026-11", "2026-12"]);
  assertEquals([november.uptime, december.uptime], [1, 1]);
  assert(november.coverage < 0.01 && december.coverage > 0.4);
});
