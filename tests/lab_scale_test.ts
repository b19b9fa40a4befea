/** A network with more addresses than any host has. */

import { assert, assertEquals } from "@std/assert";
import type { Output } from "./scripts/check_network.ts";
import { proves } from "./support/evidence.ts";
import { labTest, type Wire } from "./support/lab.ts";
import { ADDRESSES, expectedOutcome, MIXED_RULES, mixedTargets } from "./support/mixed_network.ts";

labTest("131,072 targets with mixed fates in one checkAll() are each told as they are", async (lab, test) => {
  const { output: { outcomes, targets, wrong }, wire } = await lab.run<Output>(
    { rules: MIXED_RULES },
    "check_network.ts",
    null,
  );
  assertEquals(wrong, []);
  assertEquals(targets, ADDRESSES);
  assertEquals(Object.values(outcomes).reduce((a, b) => a + b), ADDRESSES);
  // All of them occur, and nothing else.
  assertEquals(Object.keys(outcomes).sort(), [
    "refused ECONNREFUSED",
    "timeout",
    "unreachable EHOSTUNREACH",
    "up",
  ]);
  assertEquals(wire.sent(), { SYN: ADDRESSES, RST: outcomes.up });
  for (const target of mixedTargets()) assertSegments(wire, target);
  proves(
    test,
    "scale",
    `${ADDRESSES} targets: ${
      Object.entries(outcomes).map(([outcome, count]) => `${count} ${outcome}`).join(", ")
    }, 0 wrong`,
  );
  proves(test, "segments", `${ADDRESSES} SYNs, ${outcomes.up} RSTs, 0 others`);
});

/** A RST goes to those who are up, and to nobody else. */
function assertSegments(wire: Wire, target: string): void {
  const [syn, rst, ...others] = wire.sentTo(target);
  const isUp = expectedOutcome(target) === "up";
  assert(syn === "SYN" && rst === (isUp ? "RST" : undefined) && others.length === 0, target);
}
