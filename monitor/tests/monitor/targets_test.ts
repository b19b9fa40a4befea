/** Changes of a monitor's targets. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { InvalidTargetsError, type MonitorTarget } from "../../mod.ts";
import { settle } from "../support/held_clock.ts";
import { A, B, MonitorFixture } from "../support/monitor_fixture.ts";

Deno.test("set() removes, adds and changes targets, and keeps the states of the others", async () => {
  await using fixture = await MonitorFixture.start([A, { target: B, id: "b" }]);
  await fixture.clock.pass(4000);
  fixture.take();
  const before = fixture.monitor.get("b")!;
  fixture.monitor.set([{ target: B, id: "b", fall: 1, labels: { team: "core" } }, "192.0.2.3:1"]);
  await settle();
  assertEquals(fixture.take(), [`removed ${A}`, "added 192.0.2.3:1"]);
  assertEquals(fixture.monitor.get("b"), { ...before, labels: { team: "core" } });
  assertEquals(fixture.monitor.get(A), undefined);
  fixture.findings[B] = "refused";
  await fixture.clock.pass(2100);
  assert(fixture.take().includes("transition b up -> down"));
});

Deno.test("set() treats another address under the same id as another target", async () => {
  await using fixture = await MonitorFixture.start([{ target: A, id: "db" }]);
  await fixture.clock.pass(4000);
  fixture.take();
  fixture.monitor.set([{ target: B, id: "db" }]);
  await settle();
  assertEquals(fixture.take(), ["removed db", "added db"]);
  assertEquals([fixture.monitor.get("db")!.state, fixture.monitor.get("db")!.target], ["unknown", B]);
});

Deno.test("set() and setGradually() keep the phases of targets whose settings change", async () => {
  const hosts = Array.from({ length: 100 }, (_, i) => `192.0.2.${i}:1`);
  const list = (fall: number) => hosts.map((target) => ({ target, fall, labels: { fall: `${fall}` } }));
  await using untouched = await MonitorFixture.start(list(3));
  await using changed = await MonitorFixture.start(list(3));
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
  await using fixture = await MonitorFixture.start([A]);
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
  const error = assertThrows(() => fixture.monitor.set(bad), InvalidTargetsError);
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
  assertEquals([fixture.take(), [...fixture.monitor.states()].map(({ id }) => id)], [[], [A]]);
  assertThrows(() => fixture.monitor.add(A), InvalidTargetsError, "not unique");
});

Deno.test("the default id of a name is in lower case, so names that differ only in case are the same target", async () => {
  await using fixture = await MonitorFixture.start(["DB.Example:5432", { target: "Web.example:80", id: "Web" }]);
  assertEquals([...fixture.monitor.states()].map(({ id, target }) => [id, target]), [
    ["db.example:5432", "db.example:5432"],
    ["Web", "web.example:80"],
  ]);
  const twice = () => fixture.monitor.set(["Example.com:80", "example.com:80"]);
  const message = '"example.com:80": the id is not unique: "Example.com:80" and "example.com:80" are the same target';
  assertThrows(twice, InvalidTargetsError, message);
  // Explicit ids are kept as they are.
  fixture.monitor.set([{ target: "example.com:80", id: "A" }, { target: "example.com:80", id: "a" }]);
  assertEquals([...fixture.monitor.states()].map(({ id }) => id), ["A", "a"]);
});

Deno.test("targets that are not a list, such as a string, are an error", async () => {
  await using fixture = await MonitorFixture.start([A]);
  for (const wrong of ["192.0.2.1:1", 5, null] as unknown as MonitorTarget[][]) {
    assertThrows(() => fixture.monitor.set(wrong), InvalidTargetsError, "targets must be an iterable");
  }
  assertEquals([...fixture.monitor.states()].map(({ id }) => id), [A]);
});

Deno.test("the removal of a target cancels its check in flight", async () => {
  await using fixture = await MonitorFixture.start([A, B]);
  fixture.findings[A] = fixture.findings[B] = undefined;
  await fixture.clock.pass(2000);
  assertEquals(fixture.prober.inFlight, 2);
  fixture.monitor.remove(A);
  await settle();
  assertEquals([fixture.prober.inFlight, fixture.prober.cancelled], [1, 1]);
});
