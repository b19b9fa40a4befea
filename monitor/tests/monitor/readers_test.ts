/** Readers of events, and the end of a monitor. */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Monitor, type MonitorEvent } from "../../mod.ts";
import { HeldClock, settle } from "../support/held_clock.ts";
import { ScriptedProber } from "../support/scripted_prober.ts";
import { A, B, MonitorFixture } from "../support/monitor_fixture.ts";

Deno.test("a disposed monitor accepts no change, and remains readable", async () => {
  await using fixture = await MonitorFixture.start([A]);
  const { monitor } = fixture;
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

Deno.test("a slow reader loses the oldest events, and gets their number in `lost`", async () => {
  await using fixture = await MonitorFixture.start([A]);
  const reader = fixture.monitor.events();
  for (let i = 0; i < 5_100; i++) {
    fixture.monitor.add(B);
    fixture.monitor.remove(B);
  }
  const first = (await reader.next()).value as MonitorEvent;
  assert(first.type === "lost" && first.count === 200 && !("sequence" in first));
  const second = (await reader.next()).value as MonitorEvent;
  assert("sequence" in second && second.sequence === 201);
  // The test's own reader was as slow.
  assertEquals(fixture.monitor.statistics().dropped, 400);
  await reader.return!();
});

Deno.test("readers end with the monitor, and with their signal's reason", async () => {
  const fixture = await MonitorFixture.start([A]);
  const stop = new AbortController();
  const stopped = assertRejects(
    async () => {
      for await (const _ of fixture.monitor.events({ signal: stop.signal }));
    },
    Error,
    "enough",
  );
  await settle();
  stop.abort(new Error("enough"));
  await stopped;
  const reader = fixture.monitor.events();
  const last = reader.next();
  await fixture[Symbol.asyncDispose]();
  assertEquals(await last, { done: true, value: undefined });
  assertEquals([fixture.prober.isDisposed, (await fixture.monitor.events().next()).done], [true, true]);
});

Deno.test("invalid options of a reader are an error", async () => {
  await using fixture = await MonitorFixture.start([A]);
  const wrong: [options: unknown, message: string][] = [
    [{ signal: 5 }, "signal must be an AbortSignal, it is 5"],
    [{ sgnal: new AbortController().signal }, 'events() has no option "sgnal": did you mean "signal"?'],
    [new AbortController().signal, "options must be an object like { signal }, it is AbortSignal"],
    [null, "options must be an object like { signal }, it is null"],
  ];
  for (const [options, message] of wrong) {
    const read = () => fixture.monitor.events(options as { signal?: AbortSignal });
    assertThrows(read, TypeError, `Cannot read events: ${message}`);
  }
});

Deno.test("the monitor ends when its signal aborts, and does not start with an aborted signal", async () => {
  const stop = new AbortController();
  const fixture = await MonitorFixture.start([A], { signal: stop.signal });
  fixture.findings[A] = undefined;
  await fixture.clock.pass(3000);
  stop.abort();
  await settle();
  assertEquals(fixture.prober.isDisposed, true);
  await assertRejects(
    () => MonitorFixture.start([A], { signal: AbortSignal.abort(new Error("before")) }),
    Error,
    "before",
  );
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

Deno.test("readers end although the prober can't be disposed of", async () => {
  const prober = new ScriptedProber(() => "up");
  prober[Symbol.asyncDispose] = () => Promise.reject(new Error("stuck"));
  const monitor = await Monitor.start([A], {}, { clock: new HeldClock(), prober });
  const last = monitor.events().next();
  await assertRejects(() => monitor[Symbol.asyncDispose](), Error, "stuck");
  assertEquals(await last, { done: true, value: undefined });
});
