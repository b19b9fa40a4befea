/** Checks many targets for which this host has no room, beside others, while one check is under way all the time. */

import { Checker, type CheckerOptions } from "../../mod.ts";
import { statusAndCode } from "../support/outcome.ts";
import { readInput, writeOutput } from "../support/script.ts";

export interface Input {
  checker: CheckerOptions;
  /** It doesn't answer, and its check has longer than all others. */
  silent: string;
  stuck: string[];
  /** Asked for when all of those are under way. */
  others: string[];
}

export interface Output {
  /** What has become of each, in the order in which they were told: "target status code". */
  told: string[];
}

const { checker: options, silent, stuck, others } = readInput<Input>();
const told: string[] = [];
await using checker = new Checker(options);
checker.checkingLoop();
const check = async (target: string, timeout: number) => {
  told.push(`${target} ${statusAndCode(await checker.checkAddr(target, timeout))}`);
};
const pending = [check(silent, 10_000), ...stuck.map((target) => check(target, 500))];
await new Promise((resolve) => setTimeout(resolve, 50));
await Promise.all([...pending, ...others.map((target) => check(target, 500))]);
writeOutput({ told } satisfies Output);
