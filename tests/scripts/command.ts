/** Runs the command in whatever network this runs. */

import { type Ended, run } from "../support/command.ts";
import { readInput, writeOutput } from "../support/script.ts";

/** The arguments of each run; the runs are one after the other. */
export type Input = string[][];
export type Output = Ended[];

const output: Output = [];
for (const args of readInput<Input>()) output.push(await run(args));
writeOutput(output);
