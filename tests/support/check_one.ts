/** One check, whose result is compared with the packets of the kernel. */

import { assert, assertEquals } from "@std/assert";
import type { CheckResult } from "../../mod.ts";
import type { Input, Output } from "../scripts/check.ts";
import { type EngineUnderTest, newChecker } from "./engines.ts";
import { runInNamespace } from "./namespace.ts";

/** The counts of a result, as evidence. */
export function counted(result: CheckResult & { retransmits: number }): string {
  return `${result.status} after ${result.duration.toFixed(1)} ms, retransmits: ${result.retransmits}`;
}

/** Checks one target by a checker of its own. */
export async function checkOne(engine: EngineUnderTest, target: string, timeout = 1000): Promise<CheckResult> {
  await using checker = newChecker(engine);
  checker.checkingLoop();
  return await checker.checkAddr(target, timeout);
}

/** Checks each target once, all at the same time, in a namespace. */
export async function check(
  engine: EngineUnderTest,
  targets: string[],
  setup: string,
  timeout = 1000,
  open: Input["open"] = [],
) {
  const checks = targets.map((target) => ({ target, options: { timeout } }));
  const output = await runInNamespace<Output>("check.ts", { engine: engine.name, open, checks } satisfies Input, {
    setup,
  });
  const results = output.results.map(([result]) => result);
  assertEquals(results.map(({ target }) => target), targets);
  for (const { mode } of results) assertEquals(mode, engine.mode);
  return { ...output, results };
}

/** The `sent` of an unreachable result. */
export function sent(result: CheckResult): boolean | undefined {
  assert(result.status === "unreachable");
  return result.sent;
}

/** Retransmissions of an unanswered lone check of this host: the caller's thread sends a SYN, then the engine's. */
export function retransmitsAtOnce({ name }: EngineUnderTest): number {
  return name === "socket" ? 1 : 0;
}
