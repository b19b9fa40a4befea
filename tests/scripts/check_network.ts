/** Checks all targets of the mixed network in one checkAll(), and compares each result with what is true. */

import { Checker, type CheckerOptions } from "../../mod.ts";
import { expectedOutcome, mixedTargets } from "../support/mixed_network.ts";
import { statusAndCode } from "../support/outcome.ts";
import { readInput, writeOutput } from "../support/script.ts";

export interface Output {
  /** How many results there were of each outcome. */
  outcomes: Record<string, number>;
  /** How many different targets had a result. */
  targets: number;
  /** Results that are not what is true. */
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
