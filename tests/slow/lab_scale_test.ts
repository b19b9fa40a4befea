/** A network of 131,072 addresses. */

import { assert, assertEquals } from "@std/assert";
import type { CheckerOptions } from "../../mod.ts";
import type { Output } from "../scripts/check_network.ts";
import { proves } from "../support/evidence.ts";
import { labTest, type Wire } from "../support/lab.ts";
import { ADDRESSES, expectedOutcome, MIXED_RULES, mixedTargets } from "../support/mixed_network.ts";

for (const options of [{}, { engine: "raw", rate: 20_000 }] satisfies CheckerOptions[]) {
  const engine = options.engine ?? "socket";
  labTest(
    `131,072 targets with mixed behaviour in one checkAll() have the right results (engine: ${engine})`,
    async (lab, test) => {
      const { output: { outcomes, targets, wrong, full }, wire } = await lab.run<Output>(
        { rules: MIXED_RULES },
        "check_network.ts",
        options,
      );
      // Comparing all results at once would need too much memory.
      assertEquals(wrong.slice(0, 10), [], `${wrong.length} are wrong`);
      assertEquals(targets, ADDRESSES);
      assertEquals(Object.values(outcomes).reduce((a, b) => a + b), ADDRESSES);
      // All expected outcomes occur, and no others.
      assertEquals(Object.keys(outcomes).sort(), [
        "refused ECONNREFUSED",
        "timeout",
        "unreachable EHOSTUNREACH",
        "up",
      ]);
      const completed = new Set(full);
      for (const target of mixedTargets()) assertSegments(wire, target, completed.has(target));
      // The tolerance for a machine that stalls for 200 ms.
      assert(completed.size < outcomes.up / 100, `${completed.size} handshakes were completed`);
      const counts = Object.entries(outcomes).map(([outcome, count]) => `${count} ${outcome}`).join(", ");
      proves(test, "scale", `${ADDRESSES} targets: ${counts}, 0 wrong`);
      const { SYN, RST, ACK = 0, ...others } = wire.sent();
      assertEquals(others, {});
      proves(test, "segments", `${ADDRESSES} targets: ${SYN} SYNs, ${RST} RSTs, ${ACK} ACKs, 0 others`);
    },
  );
}

/** Only targets that are up get a RST, and an ACK only if the result has the mode "full". */
function assertSegments(wire: Wire, target: string, isCompleted: boolean): void {
  const isUp = expectedOutcome(target) === "up";
  const segments = new Set(wire.sentTo(target));
  const expected = ["SYN", ...isCompleted ? ["ACK"] : [], ...isUp ? ["RST"] : []];
  assertEquals([...segments], expected, target);
}
