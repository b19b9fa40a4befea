/** Runs the command in the current network. */

import { type Ended, run } from "../support/command.ts";
import { readInput, writeOutput } from "../support/script.ts";

/** The arguments of each run; runs are sequential. */
export type Input = string[][];
export type Output = Ended[];

const output: Output = [];
for (const args of readInput<Input>()) output.push(await run(args));
writeOutput(output);
