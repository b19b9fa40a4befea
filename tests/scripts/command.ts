/** Runs the command in the current network. */

import { COMMAND, type Ended } from "../support/command.ts";
import { runEach } from "../support/command_process.ts";
import { readInput, writeOutput } from "../support/script.ts";

/** The arguments of each run; runs are sequential. */
export type Input = string[][];
export type Output = Ended[];

writeOutput(await runEach(readInput<Input>(), COMMAND));
