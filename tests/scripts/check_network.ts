/** Checks all targets of the mixed network in one checkAll(), and compares each result with the expected one. */

import { Checker, type CheckerOptions } from "../../mod.ts";
import { expectedOutcome, mixedTargets } from "../support/mixed_network.ts";
import { statusAndCode } from "../support/outcome.ts";
import { readInput, writeOutput } from "../support/script.ts";

export interface Output {
  /** Counts of results by outcome. */
  outcomes: Record<string, number>;
  /** The number of distinct targets with a result. */
  targets: number;
  /** Wrong results. */
  wrong: string[];
  /** Targets whose handshake was completed. */
  full: string[];
}

const outcomes: Output["outcomes"] = {};
const seen = new Set<string>();
const wrong: string[] = [];
const full: string[] = [];
await using checker = new Checker(readInput<CheckerOptions>());
checker.checkingLoop();
for await (const result of checker.checkAll(mixedTargets(), { timeout: 500 })) {
  const target = result.target as string;
  const outcome = statusAndCode(result);
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  seen.add(target);
  if (result.mode === "full") full.push(target);
  if (outcome !== expectedOutcome(target)) wrong.push(`${target} is ${outcome}, not ${expectedOutcome(target)}`);
}
writeOutput({ outcomes, targets: seen.size, wrong, full } satisfies Output);
