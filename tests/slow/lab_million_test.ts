/** A stream of a million targets: correct results, and flat memory. */

import { assert, assertEquals } from "@std/assert";
import type { Input, Output, Reading } from "../scripts/check_million.ts";
import { proves } from "../support/evidence.ts";
import { labTest } from "../support/lab.ts";
import { MILLION_RULES, TARGETS, TIMEOUT } from "../support/million_network.ts";

/**
 * Concurrent answers, few enough for the receive queue of a raw socket whose process has no CPU: a small packet takes
 * 768 bytes, and Linux's smallest default `rmem_max` has room for 554. In addition there are 128 late answers, whose
 * checks have ended.
 */
const ANSWERING = 400;
/** Targets in flight, including silent ones, which alone reach this number on an idle machine. */
const CONCURRENCY = 16_384;
/** An answer that the lab sends within this time counts as in time, even if it waits in a queue. In ms. */
const LATE = TIMEOUT - 1000;

const READINGS = 8;
/** The second reading is the baseline, because V8's heap has grown by then, and all code is compiled. */
const WARM = 1;
/** Permitted growth of memory after that, in bytes: 11 bytes kept per result would exceed it. */
const SLACK = 8 * 2 ** 20;
/** The maximum memory of a check in flight, in bytes. */
const IN_FLIGHT = 1024;

labTest(
  "1,048,576 targets of one checkAll() have the right results, with flat memory",
  async (lab, test) => {
    const { output, wire } = await lab.run<Output>(
      { rules: MILLION_RULES, log: false, lateAfter: LATE },
      "check_million.ts",
      { answering: ANSWERING, concurrency: CONCURRENCY, every: TARGETS / READINGS } satisfies Input,
    );
    const { outcomes, targets, wrong, examples, readings, dropped } = output;

    assertEquals(targets, TARGETS);
    assertEquals(Object.values(outcomes).reduce((a, b) => a + b), TARGETS);
    // All SYNs reached the lab, and it answered each; targets whose answers the lab sent too late are excused.
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
    // Each SYN-ACK, including late ones, draws a RST of the kernel, and one of the engine if the engine reads it.
    const synAcks = wire.counts["host SYN-ACK"];
    assert(RST >= synAcks && RST <= 2 * synAcks, `${RST} RSTs, ${synAcks} SYN-ACKs`);
    assert(synAcks > outcomes.up, `${synAcks} SYN-ACKs, ${outcomes.up} up`);

    assertEquals(readings.length, READINGS);
    const [warm, ...later] = readings.slice(WARM);
    const growth = Math.max(...later.map((reading) => grown(warm, reading)));
    assert(growth < SLACK, `${growth} bytes: ${JSON.stringify(readings)}`);

    const counts = Object.entries(outcomes).map(([outcome, count]) => `${count} ${outcome}`).join(", ");
    proves(test, "scale", `${TARGETS} targets: ${counts}, 0 wrong; the lab was late for ${excused.length}`);
    proves(test, "segments", `${TARGETS} targets: ${SYN} SYNs, ${RST} RSTs, 0 others`);
  },
);

/** The growth of memory, without that of checks in flight. */
function grown(before: Reading, after: Reading): number {
  return after.resident - before.resident - IN_FLIGHT * Math.max(0, after.inFlight - before.inFlight);
}
