/** Checks many targets behind a full queue of this host, and other targets, while one check stays in flight. */

import { Checker, type CheckerOptions } from "../../mod.ts";
import { statusAndCode } from "../support/outcome.ts";
import { readInput, writeOutput } from "../support/script.ts";

export interface Input {
  checker: CheckerOptions;
  /** A silent target, whose check has the longest timeout. */
  silent: string;
  stuck: string[];
  /** Targets whose checks start when all of the stuck ones are in flight. */
  others: string[];
}

export interface Output {
  /** The outcome of each check, in the order of delivery: "target status code". */
  reported: string[];
}

const { checker: options, silent, stuck, others } = readInput<Input>();
const reported: string[] = [];
await using checker = new Checker(options);
checker.checkingLoop();
const check = async (target: string, timeout: number) => {
  reported.push(`${target} ${statusAndCode(await checker.checkAddr(target, timeout))}`);
};
const pending = [check(silent, 10_000), ...stuck.map((target) => check(target, 500))];
await new Promise((resolve) => setTimeout(resolve, 50));
await Promise.all([...pending, ...others.map((target) => check(target, 500))]);
writeOutput({ reported } satisfies Output);
