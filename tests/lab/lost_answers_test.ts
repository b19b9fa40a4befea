/** Answers that the raw engine loses to a full receive queue. */

import { assert, assertEquals } from "@std/assert";
import type { Answer, Rule } from "../support/behaviour.ts";
import { proves } from "../support/evidence.ts";
import { type Lab, labTest } from "../support/lab.ts";
import type { Input, Output } from "../scripts/paused.ts";

/** The number of hosts. The receive queue has no room for all answers. */
const MANY = 60_000;
/**
 * The hosts wake up after all SYNs are sent and this process is stopped. From then on they answer SYNs immediately, so that
 * the answer to a retransmitted SYN comes in time on a busy machine too.
 */
const LATE = { answerAfter: 5000, timeout: 20_000 };

labTest("lost answers are requested by another SYN, and then reported", async (lab, test) => {
  const { outcomes, lost } = await checkPaused(lab, LATE, { kind: "syn-ack" });
  assertEquals(outcomes, { up: MANY });
  assert(lost > 0, "the receive queue had room for all answers");
  proves(test, "verdicts", `${MANY} up although a stop lost ${lost} answers`);
});

for (
  const [name, options] of [
    // The checks end half a second after all answers have arrived.
    ["that ends before the SYN is retransmitted", { ...LATE, timeout: 5500 }],
    ["without retransmissions", { ...LATE, synRetries: 0 }],
  ] as const
) {
  labTest(`a check ${name} is a local error, not a timeout, if its answer was lost`, async (lab, test) => {
    const { outcomes, lost, late } = await checkPaused(lab, options, { kind: "syn-ack" }, [1]);
    const { up = 0, silent = 0, "local-error ENOBUFS": unknown = 0, ...others } = outcomes;
    assertFewTimeouts(others, late);
    assert(lost > 0 && unknown > 0, `${lost} lost, ${unknown} unknown`);
    proves(
      test,
      "verdicts",
      `a stop lost ${lost} answers: ${up} up, ${unknown} ENOBUFS, ${silent} timeout before any answer`,
    );
  });
}

for (const v6 of [false, true]) {
  const family = v6 ? "IPv6" : "IPv4";
  labTest(`an ICMP error lost to a full receive queue is not a timeout, ${family}`, async (lab, test) => {
    const send = { kind: "icmp", ...(v6 ? { type: 1, code: 3 } : { type: 3, code: 1 }) } as const;
    const { outcomes, late } = await checkPaused(lab, { ...LATE, synRetries: 0, v6 }, send);
    const { "unreachable EHOSTUNREACH": unreachable = 0, silent = 0, "local-error ENOBUFS": unknown = 0, ...others } =
      outcomes;
    assertFewTimeouts(others, late);
    assert(unknown > 0, "the receive queue had room for all answers");
    proves(
      test,
      "verdicts",
      `a stop lost ICMP errors: ${unreachable} unreachable, ${unknown} ENOBUFS, ${silent} timeout before any`,
    );
  });
}

/** Margin in ms by which an answer must come before the end of its check. */
const MARGIN = 100;

/**
 * Asserts that the only other outcomes are timeouts of checks whose answers may have come too late, because the lab was
 * late, and of one more check: it may time out before the process is stopped, and be reported after that, so that its
 * duration does not show it.
 */
function assertFewTimeouts({ timeout = 0, ...others }: Output["outcomes"], late: number): void {
  assertEquals(others, {});
  assert(timeout <= 1 + late, `${timeout} checks were reported as timeouts, and ${late} answers were late`);
}

/**
 * Checks many hosts, which answer all or some SYNs, while this process is stopped. On a busy machine most answers may come
 * before the last SYN is sent, and fit into the queue. Then the hosts are checked again, and answer later.
 *
 * @returns The script's counts, and the number of answers that may have come too late.
 */
async function checkPaused(
  lab: Lab,
  options: Pick<Input, "answerAfter" | "timeout" | "synRetries"> & Partial<Pick<Input, "v6">>,
  send: Answer,
  syns?: number[],
): Promise<Output & { late: number }> {
  const lateAfter = options.timeout - options.answerAfter - MARGIN;
  for (let later = 0;; later += 10_000) {
    const [answerAfter, timeout] = [options.answerAfter + later, options.timeout + later];
    const common = { hosts: MANY, v6: false, silent: "198.19.255.1:81", paused: true };
    const input: Input = { ...common, ...options, answerAfter, timeout };
    const rules: Rule[] = [{ ports: 80, wakesAfter: answerAfter, replies: [{ send, syns }] }];
    const { output, wire } = await lab.run<Output>({ rules, log: false, lateAfter }, "paused.ts", input);
    if (output.early < MANY / 2 || later >= 20_000) return { ...output, late: wire.late.size };
  }
}
