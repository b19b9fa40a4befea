/** A stream of a million targets: what is told of them, and what is kept. */

import { assert, assertEquals } from "@std/assert";
import type { Input, Output, Reading } from "../scripts/check_million.ts";
import { proves } from "../support/evidence.ts";
import { labTest } from "../support/lab.ts";
import { MILLION_RULES, TARGETS, TIMEOUT } from "../support/million_network.ts";

/**
 * How many answers are under way at once, so that a raw socket has room for all of them whoever has no CPU meanwhile: a
 * small packet takes 768 bytes, and the least that Linux sets as `rmem_max` is room for 554. Beside them there are those
 * that come late, 128 in all, for which nobody waits.
 */
const ANSWERING = 400;
/** With the silent ones; those alone fill it on a machine that has nothing else to do. */
const CONCURRENCY = 16_384;
/** An answer that the lab has sent by then is in time, in whatever queue it waits. In ms. */
const LATE = TIMEOUT - 1000;

const READINGS = 8;
/** Of these the second is the first that counts: V8 has its heap, and all code has been compiled. */
const WARM = 1;
/** By how much memory may grow after that, in bytes: were 11 bytes of a result kept, it would be more. */
const SLACK = 8 * 2 ** 20;
/** What a check in flight takes at most, in bytes. */
const IN_FLIGHT = 1024;

labTest(
  "1,048,576 targets in one checkAll() are each told as they are, and nothing is kept of them",
  async (lab, test) => {
    const { output, wire } = await lab.run<Output>(
      { rules: MILLION_RULES, log: false, lateAfter: LATE },
      "check_million.ts",
      { answering: ANSWERING, concurrency: CONCURRENCY, every: TARGETS / READINGS } satisfies Input,
    );
    const { outcomes, targets, wrong, examples, readings, dropped } = output;

    assertEquals(targets, TARGETS);
    assertEquals(Object.values(outcomes).reduce((a, b) => a + b), TARGETS);
    // All SYNs have come to the lab, and it has answered each; whom it had no time for, there was nothing to be heard of.
    assertEquals(dropped, 0);
    const excused = examples.filter(({ target, actual }) => actual === "timeout" && wire.late.has(target));
    assertEquals(examples.filter((example) => !excused.includes(example)), []);
    assertEquals(wrong, excused.length);
    assertEquals(Object.keys(outcomes).sort(), [
      "refused ECONNREFUSED",
      "timeout",
      "unreachable EHOSTUNREACH",
      "unreachable ENETUNREACH",
      "up",
    ]);

    const { SYN, RST, ...others } = wire.sent();
    assertEquals(others, {});
    // For each SYN-ACK, the late ones too, and for nothing else.
    assertEquals(RST, wire.counts["host SYN-ACK"]);
    assert(RST > outcomes.up, `${RST} RSTs, ${outcomes.up} up`);

    assertEquals(readings.length, READINGS);
    const [warm, ...later] = readings.slice(WARM);
    const growth = Math.max(...later.map((reading) => grown(warm, reading)));
    assert(growth < SLACK, `${growth} bytes: ${JSON.stringify(readings)}`);

    const counts = Object.entries(outcomes).map(([outcome, count]) => `${count} ${outcome}`).join(", ");
    proves(test, "scale", `${TARGETS} targets: ${counts}, 0 wrong; the lab was late for ${excused.length}`);
    proves(test, "segments", `${TARGETS} targets: ${SYN} SYNs, ${RST} RSTs, 0 others`);
  },
);

/** By how much memory has grown, but for what is in flight. */
function grown(before: Reading, after: Reading): number {
  return after.resident - before.resident - IN_FLIGHT * Math.max(0, after.inFlight - before.inFlight);
}
