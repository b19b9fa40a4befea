/** Checks interrupted between SYN and SYN-ACK stay invisible to the application. */

import { assertEquals } from "@std/assert";
import { listening } from "../support/behaviour.ts";
import { ENGINES } from "../support/engines.ts";
import { proves } from "../support/evidence.ts";
import { labTest } from "../support/lab.ts";
import type { Input, Output } from "../scripts/interrupted.ts";

const TARGETS = Array.from({ length: 50 }, (_, i) => [`198.18.0.${i + 1}:80`, `[2001:db8::${(i + 1).toString(16)}]:80`])
  .flat();
const RULES = [{ ports: 80, ...listening(500) }];

for (const { name: engine, mode, hasSockets, resets } of ENGINES) {
  if (mode !== "half-open") continue;
  for (
    const { interruption, name, rejection } of [
      { interruption: "signal", name: "whose signal aborts", rejection: "AbortError" },
      { interruption: "stop", name: "whose loop is stopped", rejection: "AbortError" },
      { interruption: "kill", name: "whose process is killed", rejection: undefined },
      // With a socket, the kernel sends the last ACK after 200 ms; without a socket no ACK is possible.
      ...hasSockets
        ? []
        : [{ interruption: "freeze", name: "whose process is stopped", rejection: undefined } as const],
    ] as const
  ) {
    labTest(
      `the SYN-ACK of a check ${name} after its SYN draws a RST (engine: ${engine})`,
      async (lab, test) => {
        const input: Input = { targets: TARGETS, silent: "198.18.0.1:81", interruption, engine };
        const { output, wire } = await lab.run<Output>({ rules: RULES }, "interrupted.ts", input);
        assertEquals(output.rejections, rejection && TARGETS.map(() => rejection));
        // After the end of the engine, or while it is stopped, only the kernel sends RSTs.
        const rsts = Array(interruption === "signal" ? resets : 1).fill("RST");
        for (const target of TARGETS) assertEquals(wire.sentTo(target), ["SYN", ...rsts], target);
        const { SYN: _silentOnesToo, RST, ...others } = wire.sent();
        assertEquals(others, {});
        proves(test, "segments", `${TARGETS.length} checks: ${RST} RSTs for ${wire.counts["host SYN-ACK"]} SYN-ACKs`);
      },
    );
  }
}
