/** Assertions about half-open checks between two network stacks: results, wire, and the server's application. */

import { assert, assertEquals } from "@std/assert";
import type { CheckResult } from "../../mod.ts";
import { countLate } from "./lateness.ts";
import { synsOf, tally } from "./outcome.ts";
import type { Testbed } from "./testbed.ts";
import { halfHandshakes, type Wire } from "./wire.ts";

/**
 * Asserts the outcomes of checks and their packets, and that they sent no ACK. A check whose RST was late for lack of CPU
 * is excused if its result reports the ACK.
 *
 * @param results The results.
 * @param outcomes Their outcomes, as `tally()` counts them.
 * @param wire The packets of the checks, and other counters.
 * @param others Expected packets and counters beside SYNs, SYN-ACKs and RSTs of checks.
 * @returns The number of ACKs.
 */
export function countExcusedAcks(
  results: CheckResult[],
  outcomes: Record<string, number>,
  wire: Wire,
  others: Wire = {},
): number {
  const late = countLate(results);
  assertEquals(tally(results.map((result) => ({ ...result, mode: "half-open" }))), outcomes);
  const { client_ack: acks = 0, ...segments } = wire;
  const ups = results.filter(({ status }) => status === "up").length;
  assertEquals(segments, { ...halfHandshakes(ups), client_syn: synsOf(results), ...others });
  assert(acks <= late, `${acks} ACKs were sent, and ${late} reported`);
  return acks;
}

/**
 * Asserts the same of all checks of a testbed, and that accept() returned for none but those that sent an ACK.
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
  const acks = countExcusedAcks(results, outcomes, await testbed.wire(), others);
  for (const port of ports) {
    const accepted = await testbed.server.call("accepted", port);
    assert(accepted <= acks, `accept() returned ${accepted} times`);
  }
}
