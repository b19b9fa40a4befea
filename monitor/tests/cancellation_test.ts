/** Cancellation of checks in flight, by the sockets of the kernel. */

import { assertEquals } from "@std/assert";
import { connecting } from "../../tests/support/connecting.ts";
import "../../tests/support/listener.ts";
import { SilentPort } from "../../tests/support/silence.ts";
import { SupervisedChecker } from "../lib/supervised_checker.ts";
import { Monitor } from "../mod.ts";
import { HeldClock } from "./support/held_clock.ts";

const MINUTE = 60_000;

for (
  const [what, cancel] of [
    ["entering maintenance", (monitor: Monitor, id: string) => monitor.setMaintenance(id, true)],
    ["removal of the target", (monitor: Monitor, id: string) => monitor.remove(id)],
  ] as const
) {
  Deno.test(`${what} closes the socket of the check in flight, a minute before its timeout`, async () => {
    using silent = await SilentPort.open();
    const clock = new HeldClock();
    const prober = await SupervisedChecker.start({ engine: "socket" });
    const options = { interval: MINUTE, timeout: MINUTE };
    await using monitor = await Monitor.start([silent.target], options, { clock, prober });
    // The port determines the phase, and jitter may put the first check after the first interval.
    await clock.pass(1.1 * MINUTE);
    await connecting(silent.port, 1);
    assertEquals(cancel(monitor, silent.target), true);
    await connecting(silent.port, 0);
  });
}
