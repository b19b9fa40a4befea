/** Assertions about half-open checks between two network stacks: results, wire, and the server's application. */

import { assert, assertEquals } from "@std/assert";
import type { CheckResult } from "../../mod.ts";
import { countLate } from "./lateness.ts";
import { synsOf, tally } from "./outcome.ts";
import type { Testbed } from "./testbed.ts";
import { halfHandshakes, type Wire } from "./wire.ts";

/**
 * Asserts the outcomes of all checks of a testbed, and that none sent an ACK or was accepted, except checks whose RST was
 * late for lack of CPU, and whose results report the ACK.
 *
 * @param testbed The testbed.
 * @param results The results of all its checks.
 * @param outcomes Their outcomes, as `tally()` counts them.
 * @param others Expected packets and counters beside SYNs, SYN-ACKs and RSTs of checks.
 * @param ports The server's ports.
 */
export async function assertHalfHandshakes(
  testbed: Testbed,
  results: CheckResult[],
  outcomes: Record<string, number>,
  others: Wire = {},
  ports = [80],
): Promise<void> {
  const late = countLate(results);
  assertEquals(tally(results.map((result) => ({ ...result, mode: "half-open" }))), outcomes);
  const { client_ack: acks = 0, ...wire } = await testbed.wire();
  const ups = results.filter(({ status }) => status === "up").length;
  assertEquals(wire, { ...halfHandshakes(ups), client_syn: synsOf(results), ...others });
  assert(acks <= late, `${acks} ACKs were sent, and ${late} reported`);
  for (const port of ports) {
    const accepted = await testbed.server.call("accepted", port);
    assert(accepted <= acks, `accept() returned ${accepted} times`);
  }
}
