/** Options of a monitor. */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  InvalidTargetsError,
  Monitor,
  type MonitorOptions,
  type MonitorTarget,
  TargetsOutOfRangeError,
} from "../../mod.ts";
import { A, B, MonitorFixture } from "../support/monitor_fixture.ts";

/** A state to restore. */
const STATE = {
  ...{ id: A, target: A, group: "", labels: {}, state: "up", degraded: false, flapping: false, since: 0 },
  ...{ checks: 0, failures: 0, neutral: 0, reports: 0, transitions: 0, downtime: 0 },
};

Deno.test("numbers out of range are a RangeError, if nothing else is wrong", async () => {
  const start = (target: MonitorTarget, options: MonitorOptions) => Monitor.start([target], options);
  await assertRejects(() => start(A, { timeout: 2001 }), RangeError, "timeout must be at most interval, 2000 ms");
  await assertRejects(() => start(A, { interval: 0, storm: { share: 2 } }), RangeError, "storm.share");
  await assertRejects(() => start({ target: A, timeout: 2001 }, {}), TargetsOutOfRangeError, "timeout must be");
  await assertRejects(() => start({ target: A, rise: 0 }, { family: 5 as 4 }), RangeError, "family");
  await assertRejects(() => start({ target: A, rise: 0, id: "" }, {}), InvalidTargetsError, "rise");
  await using fixture = await MonitorFixture.start([A]);
  assertThrows(() => fixture.monitor.add({ target: B, timeout: 3000 }), RangeError, "timeout");
  assertThrows(() => fixture.monitor.set([{ target: B, fall: 0 }]), RangeError, "fall");
  assertEquals([...fixture.monitor.states()].map(({ id }) => id), [A]);
});

Deno.test("invalid options are all named", async () => {
  const options = { interval: 0, spread: 2, storm: { share: 0 }, onError: "panic" } as unknown as MonitorOptions;
  const error = await assertRejects(() => Monitor.start([A], options), TypeError);
  for (const name of ["interval", "spread", "storm.share", "onError"]) assert(error.message.includes(name), name);
});

Deno.test("the error names unknown options and invalid options of the checker, too", async () => {
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
  // Each option alone is valid.
  const contradictory: MonitorOptions = { engine: "connect", mark: 1 };
  await assertRejects(() => Monitor.start([A], contradictory), TypeError, 'mark does not work with engine "connect"');
  for (const wrong of [null, 5, { restore: 5 }, { storm: null }]) {
    await assertRejects(() => Monitor.start([A], wrong as MonitorOptions), TypeError, "Cannot start a monitor");
  }
});

Deno.test("undefined options of trouble have their defaults", async () => {
  await using fixture = await MonitorFixture.start([A], { trouble: { share: undefined, minimum: undefined } });
  fixture.findings[A] = "local-error";
  await fixture.clock.pass(20_000);
  assertEquals(fixture.take(), ["trouble all true"]);
});
