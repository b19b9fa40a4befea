/** The monitor, with a clock that tests hold and checks that find what tests say. */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { CheckerNotRunningError } from "@tcp-shaker/tcp-shaker";
import {
  InvalidTargetsError,
  type Maintenance,
  Monitor,
  type MonitorEvent,
  type MonitorOptions,
  type MonitorTarget,
  TargetsOutOfRangeError,
} from "../mod.ts";
import { HeldClock, settle } from "./support/held_clock.ts";
import { type Finding, ScriptedProber } from "./support/scripted_prober.ts";

const A = "192.0.2.1:1";
const B = "192.0.2.2:1";

/** A state to restore. */
const STATE = {
  ...{ id: A, target: A, group: "", labels: {}, state: "up", degraded: false, flapping: false, since: 0 },
  ...{ checks: 0, failures: 0, neutral: 0, reports: 0, transitions: 0, downtime: 0 },
};

/** A monitor in a world of its own. */
class World implements AsyncDisposable {
  readonly clock = new HeldClock();
  /** What checks find, by target; `"up"` if it isn't there. */
  readonly findings: Record<string, Finding> = {};
  readonly prober = new ScriptedProber((target) => target in this.findings ? this.findings[target] : "up");
  monitor!: Monitor;
  readonly events: MonitorEvent[] = [];

  static async start(targets: Iterable<MonitorTarget>, options: MonitorOptions = {}): Promise<World> {
    const world = new World();
    world.monitor = await Monitor.start(targets, options, { clock: world.clock, prober: world.prober });
    world.#collect();
    return world;
  }

  async #collect(): Promise<void> {
    for await (const event of this.monitor.events()) this.events.push(event);
  }

  /** The events so far, in few words; they are forgotten then. */
  take(): string[] {
    return this.events.splice(0).map((event) => {
      const about = "id" in event ? event.id : "group" in event ? event.group : "all";
      const what = "to" in event ? `${event.from} -> ${event.to}` : "active" in event ? event.active : "";
      return `${event.type} ${about} ${what}`.trim();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.monitor[Symbol.asyncDispose]();
    await settle();
  }
}

Deno.test("a target is up after one pass, down after three failures, and up again after two passes", async () => {
  await using world = await World.start([A]);
  await world.clock.pass(4000);
  assertEquals(world.take(), [`transition ${A} unknown -> up`]);
  world.findings[A] = "refused";
  await world.clock.pass(4300);
  assertEquals(world.take(), []);
  assertEquals(world.monitor.get(A)!.turning, { count: 2, of: 3 });
  await world.clock.pass(2100);
  const [down] = world.events;
  assertEquals(world.take(), [`transition ${A} up -> down`]);
  assert(down.type === "transition" && down.result?.status === "refused" && down.count === 3 && down.of === 3);
  assertEquals([down.at, down.sequence], [world.monitor.get(A)!.since, 2]);
  world.findings[A] = "up";
  await world.clock.pass(4300);
  assertEquals(world.take(), [`transition ${A} down -> up`]);
});

Deno.test("neutral results cause no transition, and trouble names the cause", async () => {
  const targets = Array.from({ length: 20 }, (_, i) => `192.0.2.${i}:1`);
  await using world = await World.start(targets);
  await world.clock.pass(4000);
  world.take();
  for (const target of targets) world.findings[target] = "local-error";
  await world.clock.pass(20_000);
  assertEquals(world.take(), ["trouble all true"]);
  assert([...world.monitor.states()].every(({ state, neutral }) => state === "up" && neutral > 5));
  for (const target of targets) world.findings[target] = "up";
  await world.clock.pass(20_000);
  assertEquals(world.take(), ["trouble all false"]);
});

Deno.test("the end of the checker changes no state", async () => {
  await using world = await World.start([A]);
  await world.clock.pass(4000);
  world.take();
  world.findings[A] = new Error("not running");
  await world.clock.pass(30_000);
  assertEquals([world.monitor.get(A)!.state, world.take()], ["up", ["trouble all true"]]);
});

Deno.test("a target has one check in flight at most, however long it takes", async () => {
  await using world = await World.start([A], { interval: 100, timeout: 100 });
  world.findings[A] = undefined;
  await world.clock.pass(1000);
  assertEquals([world.prober.checked, world.prober.underWay], [[A], 1]);
  world.findings[A] = "up";
  world.prober.release();
  await world.clock.pass(1000);
  assert(world.prober.checked.length > 5, String(world.prober.checked.length));
  assertEquals(world.prober.most.get(A), 1);
});

Deno.test("set() removes, adds and changes targets, and keeps the states of the others", async () => {
  await using world = await World.start([A, { target: B, id: "b" }]);
  await world.clock.pass(4000);
  world.take();
  const before = world.monitor.get("b")!;
  world.monitor.set([{ target: B, id: "b", fall: 1, labels: { team: "core" } }, "192.0.2.3:1"]);
  await settle();
  assertEquals(world.take(), [`removed ${A}`, "added 192.0.2.3:1"]);
  assertEquals(world.monitor.get("b"), { ...before, labels: { team: "core" } });
  assertEquals(world.monitor.get(A), undefined);
  world.findings[B] = "refused";
  await world.clock.pass(2100);
  assert(world.take().includes("transition b up -> down"));
});

Deno.test("set() treats another address under the same id as another target", async () => {
  await using world = await World.start([{ target: A, id: "db" }]);
  await world.clock.pass(4000);
  world.take();
  world.monitor.set([{ target: B, id: "db" }]);
  await settle();
  assertEquals(world.take(), ["removed db", "added db"]);
  assertEquals([world.monitor.get("db")!.state, world.monitor.get("db")!.target], ["unknown", B]);
});

Deno.test("set() and setGradually() keep the phases of targets, whatever else changes", async () => {
  const hosts = Array.from({ length: 100 }, (_, i) => `192.0.2.${i}:1`);
  const list = (fall: number) => hosts.map((target) => ({ target, fall, labels: { fall: `${fall}` } }));
  await using untouched = await World.start(list(3));
  await using changed = await World.start(list(3));
  for (const fall of [4, 5]) {
    for (const { clock } of [untouched, changed]) await clock.pass(1300);
    changed.monitor.set(list(fall));
    await changed.monitor.setGradually(list(fall + 5));
  }
  for (const { clock } of [untouched, changed]) await clock.pass(10_000);
  assertEquals(changed.prober.checked, untouched.prober.checked);
  assert(changed.prober.checked.length > 5 * hosts.length, `${changed.prober.checked.length} checks`);
});

Deno.test("invalid targets are all named, and nothing changes", async () => {
  await using world = await World.start([A]);
  const bad: MonitorTarget[] = [
    B,
    B,
    "nowhere",
    { target: "192.0.2.3:1", rise: 0, timeout: 3000 },
    { target: "192.0.2.4:1", fal: 2 } as MonitorTarget,
    { target: "192.0.2.5:1", labels: { port: 1 } as unknown as Record<string, string>, id: "" },
    { target: "192.0.2.6:1", id: ".." },
    { target: "192.0.2.10:1", labels: ["core"] } as unknown as MonitorTarget,
    { target: "192.0.2.7:1", id: "--delete" },
    { target: "192.0.2.8:1", id: "a\0b" },
    { target: "192.0.2.9:1", id: "a\ud800" },
  ];
  const error = assertThrows(() => world.monitor.set(bad), InvalidTargetsError);
  assertEquals(error.problems.length, 12, error.message);
  assert(error.problems.some((problem) => problem.startsWith('"nowhere": ')), error.message);
  for (
    const part of [
      "not unique",
      "no port",
      "rise",
      "timeout",
      'a target has no option "fal": did you mean "fall"',
      '"192.0.2.10:1": labels must be an object of strings, it is [ "core" ]',
      "id must be a string",
      'id must not be "..", which can\'t be part of a URL: choose another id',
      'id must not be "a\\ud800"',
      'id must not begin with "-", which programs take for an option, it is "--delete"',
      'id must not have a NUL character, which no argument of a program can have, it is "a\\u0000b"',
    ]
  ) {
    assert(error.message.includes(part), `${part} is not in ${error.message}`);
  }
  await settle();
  assertEquals([world.take(), [...world.monitor.states()].map(({ id }) => id)], [[], [A]]);
  assertThrows(() => world.monitor.add(A), InvalidTargetsError, "not unique");
});

Deno.test("the default id of a name has no capitals, and two targets that differ by them alone are one", async () => {
  await using world = await World.start(["DB.Example:5432", { target: "Web.example:80", id: "Web" }]);
  assertEquals([...world.monitor.states()].map(({ id, target }) => [id, target]), [
    ["db.example:5432", "db.example:5432"],
    ["Web", "web.example:80"],
  ]);
  const twice = () => world.monitor.set(["Example.com:80", "example.com:80"]);
  const message = '"example.com:80": the id is not unique: "Example.com:80" and "example.com:80" are the same target';
  assertThrows(twice, InvalidTargetsError, message);
  // Explicit ids are kept as they are.
  world.monitor.set([{ target: "example.com:80", id: "A" }, { target: "example.com:80", id: "a" }]);
  assertEquals([...world.monitor.states()].map(({ id }) => id), ["A", "a"]);
});

Deno.test("a monitor that was disposed of accepts no change, and can still be read", async () => {
  await using world = await World.start([A]);
  const { monitor } = world;
  await monitor[Symbol.asyncDispose]();
  const message = "the monitor was disposed of";
  const changes: (() => unknown)[] = [
    () => monitor.set([B]),
    () => monitor.add(B),
    () => monitor.remove(A),
    () => monitor.report(A, true),
    () => monitor.setMaintenance(A, true),
  ];
  for (const change of changes) assertThrows(change, Error, message);
  await assertRejects(() => monitor.setGradually([B]), Error, message);
  assertEquals([...monitor.states()].map(({ id, state }) => [id, state]), [[A, "unknown"]]);
});

Deno.test("numbers out of range are a RangeError, if nothing else is wrong", async () => {
  const start = (target: MonitorTarget, options: MonitorOptions) => Monitor.start([target], options);
  await assertRejects(() => start(A, { timeout: 2001 }), RangeError, "timeout must be at most interval, 2000 ms");
  await assertRejects(() => start(A, { interval: 0, storm: { share: 2 } }), RangeError, "storm.share");
  await assertRejects(() => start({ target: A, timeout: 2001 }, {}), TargetsOutOfRangeError, "timeout must be");
  await assertRejects(() => start({ target: A, rise: 0 }, { family: 5 as 4 }), RangeError, "family");
  await assertRejects(() => start({ target: A, rise: 0, id: "" }, {}), InvalidTargetsError, "rise");
  await using world = await World.start([A]);
  assertThrows(() => world.monitor.add({ target: B, timeout: 3000 }), RangeError, "timeout");
  assertThrows(() => world.monitor.set([{ target: B, fall: 0 }]), RangeError, "fall");
  assertEquals([...world.monitor.states()].map(({ id }) => id), [A]);
});

Deno.test("invalid options are all named", async () => {
  const options = { interval: 0, spread: 2, storm: { share: 0 }, onError: "panic" } as unknown as MonitorOptions;
  const error = await assertRejects(() => Monitor.start([A], options), TypeError);
  for (const name of ["interval", "spread", "storm.share", "onError"]) assert(error.message.includes(name), name);
});

Deno.test("unknown options and those of the checker are named among the others", async () => {
  const options = {
    inteval: 5,
    rise: 0,
    engine: "none",
    tos: 3,
    restore: [
      null,
      { ...STATE, state: "sideways", since: "today" },
      { ...STATE, rttSum: "9", maintenance: { until: "noon" }, result: "up" },
    ],
    storm: { minimun: 3 },
    trouble: 5,
    window: { failure: 3, of: 10, failures: 3 },
    signal: {},
  } as unknown as MonitorOptions;
  const error = await assertRejects(() => Monitor.start([A], options), TypeError);
  assertEquals(error.message.split("\n  "), [
    "Cannot start a monitor:",
    'a monitor has no option "inteval": did you mean "interval"?',
    'window has no option "failure": did you mean "failures"?',
    "rise must be an integer of at least 1, it is 0",
    'storm has no option "minimun": did you mean "minimum"?',
    "trouble must be an object, it is 5",
    "signal must be an AbortSignal, it is {}",
    "restore[0] must be a state with an id, it is null",
    'restore[1].state must be one of "unknown", "up", "down", "maintenance", it is "sideways"',
    'restore[1].since must be a number of at least 0, it is "today"',
    'restore[2].rttSum must be a number of at least 0, it is "9"',
    'restore[2]: until must be a time in ms since 1970, it is "noon"',
    'restore[2].result must be the result of a check, it is "up"',
    'engine must be "socket", "raw", "auto" or "connect": "none"',
    "tos must be a multiple of 4, because TCP sets the lowest two bits: 3",
  ]);
  // Each of them is right alone.
  const contradictory: MonitorOptions = { engine: "connect", mark: 1 };
  await assertRejects(() => Monitor.start([A], contradictory), TypeError, 'mark does not work with engine "connect"');
  for (const wrong of [null, 5, { restore: 5 }, { storm: null }]) {
    await assertRejects(() => Monitor.start([A], wrong as MonitorOptions), TypeError, "Cannot start a monitor");
  }
});

Deno.test("targets that are no list are an error, a string too", async () => {
  await using world = await World.start([A]);
  for (const wrong of ["192.0.2.1:1", 5, null] as unknown as MonitorTarget[][]) {
    assertThrows(() => world.monitor.set(wrong), InvalidTargetsError, "targets must be an iterable");
  }
  assertEquals([...world.monitor.states()].map(({ id }) => id), [A]);
});

Deno.test("wrong arguments of report() and setMaintenance() are errors, and change nothing", async () => {
  await using world = await World.start([A]);
  const { monitor } = world;
  assertThrows(() => monitor.report(A, "no" as unknown as boolean), TypeError, 'ok must be true or false, it is "no"');
  const wrong: [on: unknown, maintenance: unknown, message: string][] = [
    ["yes", {}, 'on must be true or false, it is "yes"'],
    [true, { until: "tomorrow" }, 'until must be a time in ms since 1970, it is "tomorrow"'],
    [true, { until: NaN }, "until must be a time"],
    [true, { unti: 5 }, 'a maintenance has no option "unti": did you mean "until"?'],
    [true, { reason: 3 }, "reason must be a string, it is 3"],
    [true, null, "the maintenance must be an object, it is null"],
  ];
  for (const [on, maintenance, message] of wrong) {
    assertThrows(() => monitor.setMaintenance(A, on as boolean, maintenance as Maintenance), TypeError, message);
  }
  const { state, reports } = monitor.get(A)!;
  assertEquals([state, reports], ["unknown", 0]);
});

Deno.test("maintenance cancels the check under way, and ends by itself", async () => {
  await using world = await World.start([A]);
  world.findings[A] = undefined;
  await world.clock.pass(2000);
  assertEquals(world.prober.underWay, 1);
  assert(world.monitor.setMaintenance(A, true, { until: world.clock.date() + 10_000, reason: "upgrade" }));
  await settle();
  assertEquals([world.prober.underWay, world.prober.cancelled], [0, 1]);
  const [event] = world.events;
  assert(event.type === "maintenance" && event.reason === "upgrade");
  assertEquals(world.take(), [`maintenance ${A} unknown -> maintenance`]);
  await world.clock.pass(9000);
  assertEquals([world.prober.checked.length, world.monitor.get(A)!.maintenance?.reason], [1, "upgrade"]);
  assertEquals(world.monitor.get(A)!.checks, 0);
  world.findings[A] = "up";
  await world.clock.pass(4000);
  assertEquals(world.take(), [`maintenance ${A} maintenance -> unknown`, `transition ${A} unknown -> up`]);
  assertEquals(world.monitor.setMaintenance("nothing", true), false);
});

Deno.test("a target that leaves maintenance at once is checked again, and no two checks are under way", async () => {
  await using world = await World.start([A]);
  world.findings[A] = undefined;
  await world.clock.pass(2000);
  world.monitor.setMaintenance(A, true);
  world.monitor.setMaintenance(A, false);
  world.findings[A] = "up";
  await world.clock.pass(4000);
  assertEquals([world.prober.most.get(A), world.prober.cancelled, world.monitor.get(A)!.state], [1, 1, "up"]);
});

Deno.test("the removal of a target cancels its check under way", async () => {
  await using world = await World.start([A, B]);
  world.findings[A] = world.findings[B] = undefined;
  await world.clock.pass(2000);
  assertEquals(world.prober.underWay, 2);
  world.monitor.remove(A);
  await settle();
  assertEquals([world.prober.underWay, world.prober.cancelled], [1, 1]);
});

Deno.test("ten failed reports are one failed check, and hasten the next one", async () => {
  await using world = await World.start([A], { interval: 60_000, fastInterval: 1000, fall: 2 });
  await world.clock.pass(70_000);
  const before = world.prober.checked.length;
  for (let i = 0; i < 10; i++) assert(world.monitor.report(A, false));
  assertEquals(world.monitor.get(A)!.turning, { count: 1, of: 2 });
  world.findings[A] = "refused";
  await world.clock.pass(1100);
  assertEquals(world.prober.checked.length, before + 1);
  const { state, reports, checks } = world.monitor.get(A)!;
  assertEquals([state, reports, checks], ["down", 10, before + 1]);
});

Deno.test("a mass outage is one storm, and every target has its event", async () => {
  const targets = Array.from({ length: 100 }, (_, i) => ({ target: `192.0.2.${i}:1`, group: i < 50 ? "a" : "b" }));
  await using world = await World.start(targets);
  await world.clock.pass(4000);
  world.take();
  for (const { target, group } of targets) if (group === "a") world.findings[target] = "refused";
  await world.clock.pass(30_000);
  const events = world.take();
  assertEquals(events.filter((event) => event.startsWith("transition")).length, 50);
  assertEquals(
    events.filter((event) => event.startsWith("storm")),
    [
      "storm a true",
      "storm all true",
      "storm all false",
      "storm a false",
    ].sort((one, other) => events.indexOf(one) - events.indexOf(other)),
  );
});

Deno.test("first verdicts are no storm, though most targets are down", async () => {
  const targets = Array.from({ length: 20 }, (_, i) => `192.0.2.${i}:1`);
  await using world = await World.start(targets.slice(0, 8));
  for (const target of targets) world.findings[target] = "refused";
  world.monitor.set(targets);
  await world.clock.pass(10_000);
  const events = world.take();
  assertEquals(events.filter((event) => event.endsWith("unknown -> down")).length, 20);
  assertEquals(events.filter((event) => event.startsWith("storm")), []);
});

Deno.test("restore continues from a state without events, and one contrary result changes it", async () => {
  const saved = await (async () => {
    await using world = await World.start([A, B]);
    await world.clock.pass(10_000);
    world.monitor.setMaintenance(B, true, { reason: "upgrade" });
    return JSON.parse(JSON.stringify([...world.monitor.states()]));
  })();
  await using world = await World.start([A, B], { restore: saved });
  const [a, b] = world.monitor.states();
  assertEquals([a.since, a.checks, a.state], [saved[0].since, saved[0].checks, "up"]);
  assertEquals([b.state, b.maintenance], ["maintenance", { reason: "upgrade" }]);
  world.findings[A] = "refused";
  await world.clock.pass(2200);
  assertEquals(world.take(), [`transition ${A} up -> down`]);
});

Deno.test("a slow reader loses the oldest events, and gets their number in `lost`", async () => {
  await using world = await World.start([A]);
  const reader = world.monitor.events();
  for (let i = 0; i < 5_100; i++) {
    world.monitor.add(B);
    world.monitor.remove(B);
  }
  const first = (await reader.next()).value as MonitorEvent;
  assert(first.type === "lost" && first.count === 200 && !("sequence" in first));
  const second = (await reader.next()).value as MonitorEvent;
  assert("sequence" in second && second.sequence === 201);
  // The test's own reader was as slow.
  assertEquals(world.monitor.statistics().dropped, 400);
  await reader.return!();
});

Deno.test("readers end with the monitor, and with their signal's reason", async () => {
  const world = await World.start([A]);
  const stop = new AbortController();
  const stopped = assertRejects(
    async () => {
      for await (const _ of world.monitor.events({ signal: stop.signal }));
    },
    Error,
    "enough",
  );
  await settle();
  stop.abort(new Error("enough"));
  await stopped;
  const reader = world.monitor.events();
  const last = reader.next();
  await world[Symbol.asyncDispose]();
  assertEquals(await last, { done: true, value: undefined });
  assertEquals([world.prober.isDisposed, (await world.monitor.events().next()).done], [true, true]);
});

Deno.test("wrong options of a reader are an error", async () => {
  await using world = await World.start([A]);
  const wrong: [options: unknown, message: string][] = [
    [{ signal: 5 }, "signal must be an AbortSignal, it is 5"],
    [{ sgnal: new AbortController().signal }, 'events() has no option "sgnal": did you mean "signal"?'],
    [new AbortController().signal, "options must be an object like { signal }, it is AbortSignal"],
    [null, "options must be an object like { signal }, it is null"],
  ];
  for (const [options, message] of wrong) {
    const read = () => world.monitor.events(options as { signal?: AbortSignal });
    assertThrows(read, TypeError, `Cannot read events: ${message}`);
  }
});

Deno.test("the monitor ends when its signal aborts, and doesn't start when it has", async () => {
  const stop = new AbortController();
  const world = await World.start([A], { signal: stop.signal });
  world.findings[A] = undefined;
  await world.clock.pass(3000);
  stop.abort();
  await settle();
  assertEquals(world.prober.isDisposed, true);
  await assertRejects(() => World.start([A], { signal: AbortSignal.abort(new Error("before")) }), Error, "before");
});

Deno.test("the wall clock may step: since and at are its readings, and durations are not", async () => {
  await using world = await World.start([A]);
  await world.clock.pass(4000);
  world.clock.dateOffset -= 3_600_000;
  world.findings[A] = "refused";
  await world.clock.pass(8000);
  const event = world.events.at(-1)!;
  assert(event.type === "transition" && event.to === "down" && event.duration > 0 && event.duration < 12_000);
});

Deno.test("batches skip no check of a short interval", async () => {
  const targets = Array.from({ length: 100 }, (_, i) => `192.0.2.${i}:1`);
  await using world = await World.start(targets, { interval: 10, timeout: 10 });
  await world.clock.pass(2000);
  assertEquals(world.monitor.statistics().skipped, 0);
  assert(world.prober.checked.length > 100 * 190, `${world.prober.checked.length} checks`);
});

Deno.test("a suspended machine makes no burst of checks and no transition when it resumes", async () => {
  const targets = Array.from({ length: 50 }, (_, i) => `192.0.2.${i}:1`);
  await using world = await World.start(targets);
  await world.clock.pass(10_000);
  world.take();
  const before = world.prober.checked.length;
  await world.clock.sleep(600_000);
  assert(world.prober.checked.length - before <= targets.length);
  await world.clock.pass(10_000);
  assert([...world.monitor.states()].every(({ state }) => state === "up"));
});

Deno.test("a state becomes stale while a check is in flight", async () => {
  await using world = await World.start([A]);
  await world.clock.pass(4000);
  world.take();
  world.findings[A] = undefined;
  await world.clock.pass(75_000);
  assertEquals([world.take(), world.monitor.get(A)!.state], [[`transition ${A} up -> unknown`], "unknown"]);
  assertEquals(world.prober.underWay, 1);
});

Deno.test("a target that is down stays down between rare checks", async () => {
  await using world = await World.start([A], { initial: "fully-down", downInterval: 120_000 });
  world.findings[A] = "refused";
  await world.clock.pass(1_000_000);
  assertEquals(world.take(), []);
  assertEquals(world.monitor.get(A)!.state, "down");
});

Deno.test("a check is judged by the timeout that it had, though set() has shortened it meanwhile", async () => {
  await using world = await World.start([{ target: A, timeout: 1000, fall: 1 }]);
  await world.clock.pass(4000);
  world.findings[A] = undefined;
  await world.clock.pass(2100);
  world.monitor.set([{ target: A, timeout: 100, fall: 1 }]);
  world.findings[A] = "timeout";
  world.prober.release();
  await settle();
  assertEquals([world.monitor.get(A)!.state, world.monitor.get(A)!.neutral], ["down", 0]);
});

Deno.test("restore ignores the state of another address under the same id", async () => {
  const saved = await (async () => {
    await using world = await World.start([{ target: A, id: "db" }]);
    await world.clock.pass(4000);
    return [...world.monitor.states()];
  })();
  await using world = await World.start([{ target: B, id: "db" }], { restore: saved });
  assertEquals([world.monitor.get("db")!.state, world.monitor.get("db")!.checks], ["unknown", 0]);
});

Deno.test("the maintenance of a restored state that has no details can be ended", async () => {
  const saved = await (async () => {
    await using world = await World.start([A]);
    world.monitor.setMaintenance(A, true);
    const [{ maintenance: _, ...state }] = world.monitor.states();
    return [state];
  })();
  await using world = await World.start([A], { restore: saved });
  await world.clock.pass(4000);
  assertEquals([world.prober.checked.length, world.monitor.get(A)!.maintenance], [0, {}]);
  world.monitor.setMaintenance(A, false);
  await world.clock.pass(4000);
  assertEquals(world.monitor.get(A)!.state, "up");
});

Deno.test("maintenance and labels are copied", async () => {
  const labels = { team: "core" };
  await using world = await World.start([{ target: A, labels }]);
  const given = { reason: "upgrade" };
  world.monitor.setMaintenance(A, true, given);
  given.reason = "changed";
  labels.team = "edge";
  await settle();
  assertEquals(world.take(), [`maintenance ${A} unknown -> maintenance`]);
  const state = world.monitor.get(A)!;
  assertEquals([state.maintenance, state.labels], [{ reason: "upgrade" }, { team: "core" }]);
  // All readers share the copy.
  assertThrows(() => (state.labels as Record<string, string>).team = "edge", TypeError);
  world.monitor.set([{ target: A, labels }]);
  assertEquals(world.monitor.get(A)!.labels, { team: "edge" });
});

Deno.test("a signal that aborts during the start rejects it, and the prober is disposed of", async () => {
  const stop = new AbortController();
  const prober = new ScriptedProber(() => "up");
  const parts = {
    clock: new HeldClock(),
    get prober() {
      stop.abort(new Error("too late"));
      return prober;
    },
  };
  await assertRejects(() => Monitor.start([A], { signal: stop.signal }, parts), Error, "too late");
  assertEquals(prober.isDisposed, true);
});

Deno.test("an invalid restore fails before a checker starts", async () => {
  const restore = [null] as unknown as MonitorOptions["restore"];
  await assertRejects(() => Monitor.start([A], { restore }), TypeError, "null");
});

Deno.test("readers end although the prober can't be disposed of", async () => {
  const prober = new ScriptedProber(() => "up");
  prober[Symbol.asyncDispose] = () => Promise.reject(new Error("stuck"));
  const monitor = await Monitor.start([A], {}, { clock: new HeldClock(), prober });
  const last = monitor.events().next();
  await assertRejects(() => monitor[Symbol.asyncDispose](), Error, "stuck");
  assertEquals(await last, { done: true, value: undefined });
});

Deno.test("trouble is detected among targets with long intervals", async () => {
  const targets = Array.from({ length: 10 }, (_, i) => ({ target: `192.0.2.${i}:1`, interval: 60_000 }));
  await using world = await World.start(targets, { interval: 1000 });
  for (const { target } of targets) world.findings[target] = "local-error";
  await world.clock.pass(120_000);
  const [event, ...others] = world.events;
  assert(event.type === "trouble" && event.active && event.reason === "EMFILE", JSON.stringify(event));
  assertEquals(others, []);
});

Deno.test("one target with a long interval does not delay the detection of trouble", async () => {
  const targets = Array.from({ length: 20 }, (_, i) => `192.0.2.${i}:1`);
  await using world = await World.start([...targets, { target: "192.0.2.99:1", interval: 3_600_000 }], {
    interval: 1000,
  });
  await world.clock.pass(60_000);
  world.take();
  for (const target of targets) world.findings[target] = "local-error";
  await world.clock.pass(3000);
  assertEquals(world.take(), ["trouble all true"]);
});

Deno.test("options of trouble that are undefined are their defaults", async () => {
  await using world = await World.start([A], { trouble: { share: undefined, minimum: undefined } });
  world.findings[A] = "local-error";
  await world.clock.pass(20_000);
  assertEquals(world.take(), ["trouble all true"]);
});

Deno.test("trouble names the error by which the checker ended", async () => {
  await using world = await World.start([A]);
  const cause = new Error("Cannot run the native engine: EBADF");
  world.findings[A] = new CheckerNotRunningError({ cause });
  await world.clock.pass(20_000);
  const [event] = world.events;
  assert(event.type === "trouble" && event.reason === cause.message, JSON.stringify(event));
});

Deno.test("a storm ends with the last target of its group, once", async () => {
  const group = Array.from({ length: 10 }, (_, i) => ({ target: `192.0.2.${i}:1`, group: "a" }));
  await using world = await World.start([...group, B + "0"], { fall: 1, storm: { share: 0.9 } });
  await world.clock.pass(4000);
  for (const { target } of group) world.findings[target] = "refused";
  await world.clock.pass(2200);
  world.take();
  world.monitor.set([B + "0"]);
  await world.clock.pass(1000);
  const storms = world.take().filter((event) => event.startsWith("storm a "));
  await world.clock.pass(60_000);
  assertEquals([storms, world.take().filter((event) => event.startsWith("storm a "))], [["storm a false"], []]);
});

Deno.test("set() with the same target does not end its group's storm", async () => {
  const targets = [{ target: A, group: "a" }];
  await using world = await World.start(targets, { fall: 1, storm: { minimum: 1 } });
  await world.clock.pass(4000);
  world.findings[A] = "refused";
  await world.clock.pass(2200);
  assert(world.take().includes("storm a true"));
  world.monitor.set(targets);
  await world.clock.pass(60_000);
  assertEquals(world.take().filter((event) => event.startsWith("storm a ")), ["storm a false"]);
});
