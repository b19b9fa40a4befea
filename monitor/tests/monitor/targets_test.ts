/** Changes of a monitor's targets. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { InvalidTargetsError, type MonitorTarget } from "../../mod.ts";
import { settle } from "../support/held_clock.ts";
import { A, B, MonitorWorld } from "../support/monitor_world.ts";

Deno.test("set() removes, adds and changes targets, and keeps the states of the others", async () => {
  await using world = await MonitorWorld.start([A, { target: B, id: "b" }]);
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
  await using world = await MonitorWorld.start([{ target: A, id: "db" }]);
  await world.clock.pass(4000);
  world.take();
  world.monitor.set([{ target: B, id: "db" }]);
  await settle();
  assertEquals(world.take(), ["removed db", "added db"]);
  assertEquals([world.monitor.get("db")!.state, world.monitor.get("db")!.target], ["unknown", B]);
});

Deno.test("set() and setGradually() keep the phases of targets whose settings change", async () => {
  const hosts = Array.from({ length: 100 }, (_, i) => `192.0.2.${i}:1`);
  const list = (fall: number) => hosts.map((target) => ({ target, fall, labels: { fall: `${fall}` } }));
  await using untouched = await MonitorWorld.start(list(3));
  await using changed = await MonitorWorld.start(list(3));
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
  await using world = await MonitorWorld.start([A]);
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
      'id must not begin with "-", which programs treat as an option, it is "--delete"',
      'id must not contain a NUL character, because program arguments can\'t, it is "a\\u0000b"',
    ]
  ) {
    assert(error.message.includes(part), `${part} is not in ${error.message}`);
  }
  await settle();
  assertEquals([world.take(), [...world.monitor.states()].map(({ id }) => id)], [[], [A]]);
  assertThrows(() => world.monitor.add(A), InvalidTargetsError, "not unique");
});

Deno.test("the default id of a name is in lower case, so names that differ only in case are the same target", async () => {
  await using world = await MonitorWorld.start(["DB.Example:5432", { target: "Web.example:80", id: "Web" }]);
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

Deno.test("targets that are not a list, such as a string, are an error", async () => {
  await using world = await MonitorWorld.start([A]);
  for (const wrong of ["192.0.2.1:1", 5, null] as unknown as MonitorTarget[][]) {
    assertThrows(() => world.monitor.set(wrong), InvalidTargetsError, "targets must be an iterable");
  }
  assertEquals([...world.monitor.states()].map(({ id }) => id), [A]);
});

Deno.test("the removal of a target cancels its check in flight", async () => {
  await using world = await MonitorWorld.start([A, B]);
  world.findings[A] = world.findings[B] = undefined;
  await world.clock.pass(2000);
  assertEquals(world.prober.inFlight, 2);
  world.monitor.remove(A);
  await settle();
  assertEquals([world.prober.inFlight, world.prober.cancelled], [1, 1]);
});
