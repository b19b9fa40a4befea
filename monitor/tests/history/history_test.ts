import { assert, assertEquals } from "@std/assert";
import { DB, HistoryFolder, RecordedMonitor } from "../support/recorded_monitor.ts";
import type { Finding } from "../support/scripted_prober.ts";

const MINUTE = 60_000;

Deno.test("a minute of a target has its results, RTTs and the time in each state", async () => {
  using folder = new HistoryFolder();
  let finding: Finding = "up";
  await using recorded = await RecordedMonitor.start({ file: folder.file, find: () => finding });
  const from = recorded.clock.date();
  await recorded.pass(30_000);
  finding = "refused";
  await recorded.pass(30_000);
  const [point] = await recorded.history.series("db", { from, to: from + MINUTE, step: MINUTE });
  const { at, pass, fail, neutral, rttMin, rttMean, rttMax, up, down, unknown, maintenance } = point;
  assertEquals([at, pass, fail, neutral], [from, 15, 15, 0]);
  assertEquals([rttMin, rttMean, rttMax], [0.1, 0.1, 0.1]);
  assertEquals(up + down + unknown + maintenance, MINUTE);
  // Three failures in a row make it down.
  assert(down >= 24_000 && down <= 26_000, `${down}`);
  assert(unknown < 2000 && maintenance === 0, `${unknown}`);
});

Deno.test("events are stored with ids, and read by target, time and id, in both orders", async () => {
  using folder = new HistoryFolder();
  const other = { target: "192.0.2.2:80", id: "web" };
  await using recorded = await RecordedMonitor.start({ file: folder.file, targets: [DB, other] });
  const { history, monitor, clock } = recorded;
  await recorded.pass(4000);
  monitor.setMaintenance("web", true, { reason: "update" });
  await recorded.pass(4000);
  const all = await history.events({ limit: 100 });
  assertEquals(all.map(({ id }) => id), [1, 2, 3].map((sequence) => `${history.boot}-${sequence}`));
  const types = ({ json }: { json: string }) => [JSON.parse(json).type, JSON.parse(json).id];
  assertEquals(all.map(types)[2], ["maintenance", "web"]);
  assertEquals((await history.events({ limit: 100, target: "web" })).map(types), [
    ["transition", "web"],
    ["maintenance", "web"],
  ]);
  assertEquals(await history.events({ limit: 1, newestFirst: true }), [all[2]]);
  assertEquals(await history.events({ limit: 9, after: all[1].id }), [all[2]]);
  assertEquals(await history.events({ limit: 9, after: all[1].id, newestFirst: true }), [all[0]]);
  assertEquals(await history.events({ limit: 9, from: clock.date() - 5000 }), [all[2]]);
  assertEquals(await history.events({ limit: 9, to: clock.date() - 5000 }), all.slice(0, 2));
  assertEquals(await history.events({ limit: 9, target: "none" }), []);
});

Deno.test("a restart restores state, since, counters and maintenance, and the gap belongs to no state", async () => {
  using folder = new HistoryFolder();
  const web = { target: "192.0.2.2:80", id: "web" };
  const options = {
    file: folder.file,
    targets: [DB, web],
    find: (t: string): Finding => t === DB.target ? "refused" : "up",
  };
  const first = await RecordedMonitor.start(options);
  const { clock } = first;
  const from = clock.date();
  await first.pass(90_000);
  first.monitor.setMaintenance("web", true, { reason: "update", until: from + 86_400_000 });
  await first.pass(2000);
  const [before, boot] = [first.monitor.get("db")!, first.history.boot];
  await first[Symbol.asyncDispose]();
  await clock.pass(10 * MINUTE);

  await using second = await RecordedMonitor.start({ ...options, clock });
  assert(second.history.boot > boot);
  const { state, since, checks, failures, downtime, target } = second.monitor.get("db")!;
  assertEquals({ state, since, checks, failures, target }, {
    state: "down",
    since: Math.round(before.since),
    checks: before.checks,
    failures: before.failures,
    target: before.target,
  });
  assert(Math.abs(downtime - before.downtime) < 1);
  const { state: webState, maintenance } = second.monitor.get("web")!;
  assertEquals([webState, maintenance], ["maintenance", { reason: "update", until: from + 86_400_000 }]);
  await second.pass(2 * MINUTE);
  const points = await second.history.series("db", { from, to: from + 13 * MINUTE, step: MINUTE });
  const known = points.map(({ up, down, unknown, maintenance }) => up + down + unknown + maintenance);
  assertEquals(known.slice(0, 3), [MINUTE, 32_000, 0]);
  assertEquals(known.slice(3, 11), Array(8).fill(0));
  assertEquals(known[12], MINUTE);
  const uptime = (await second.history.uptime({ from, to: from + 13 * MINUTE, ids: ["db"] })).get("db")!;
  assertEquals(uptime.uptime, 0);
  assert(uptime.coverage < 0.35);
});

Deno.test("uptime of all targets and of some is the same", async () => {
  using folder = new HistoryFolder();
  const targets = Array.from({ length: 30 }, (_, i) => ({ target: `192.0.2.1:${i + 1}`, id: `t${i}` }));
  await using recorded = await RecordedMonitor.start({
    file: folder.file,
    targets,
    find: (target) => Number(target.split(":")[1]) % 3 === 0 ? "timeout" : "up",
  });
  const from = recorded.clock.date();
  await recorded.pass(3 * MINUTE);
  const query = { from, to: from + 3 * MINUTE };
  const all = await recorded.history.uptime(query);
  assertEquals(all.size, 30);
  assertEquals(
    await recorded.history.uptime({ ...query, ids: ["t0", "t2"] }),
    new Map(["t0", "t2"].map((id) => [id, all.get(id)!])),
  );
  assertEquals([all.get("t0")!.uptime, all.get("t2")!.uptime], [1, 0]);
});

Deno.test("a removed target keeps its last minute, and is not restored when it is added again", async () => {
  using folder = new HistoryFolder();
  const other = { target: "192.0.2.2:80", id: "web" };
  const recorded = await RecordedMonitor.start({ file: folder.file, targets: [DB, other] });
  const { clock } = recorded;
  const from = clock.date();
  await recorded.pass(30_000);
  recorded.monitor.remove("db");
  recorded.monitor.add({ target: "192.0.2.3:22", id: "ssh" });
  await recorded.pass(30_000);
  const query = { from, to: from + MINUTE, step: MINUTE };
  const [db, ssh] = [await recorded.history.series("db", query), await recorded.history.series("ssh", query)];
  assertEquals([db[0].pass, db[0].up + db[0].unknown], [15, 30_000]);
  assertEquals([ssh[0].up + ssh[0].unknown], [30_000]);
  await recorded[Symbol.asyncDispose]();
  await using second = await RecordedMonitor.start({ file: folder.file, targets: [DB, other], clock });
  assertEquals([second.monitor.get("db")!.state, second.monitor.get("web")!.state], ["unknown", "up"]);
});
