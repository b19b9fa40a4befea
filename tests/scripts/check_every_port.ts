/** Checks eight ports of each address of the mixed network in one checkAll(), and compares each result with what is true. */

import { Checker, type CheckerOptions } from "../../mod.ts";
import { actualOutcome, everyPort, expectedOutcome } from "../support/mixed_network.ts";
import { readInput, writeOutput } from "../support/script.ts";

export interface Output {
  /** How many results there were of each outcome. */
  outcomes: Record<string, number>;
  /** Results that are not what is true; some of them. */
  wrong: string[];
}

const outcomes: Output["outcomes"] = {};
const wrong: string[] = [];
await using checker = new Checker(readInput<CheckerOptions>());
checker.checkingLoop();
// Time for two more SYNs, where the machine has other things to do.
for await (const result of checker.checkAll(everyPort(), { timeout: 3500, concurrency: 50_000 })) {
  const target = result.target as string;
  const outcome = actualOutcome(result);
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  if (outcome !== expectedOutcome(target) && wrong.length < 100) wrong.push(`${target} is ${outcome}`);
}
writeOutput({ outcomes, wrong } satisfies Output);
