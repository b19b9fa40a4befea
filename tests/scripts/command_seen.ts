/** Runs the command on an application in whatever network this runs, and tells what the application and the kernel saw. */

import { Application } from "../support/application.ts";
import { type Ended, run } from "../support/command.ts";
import { difference, readCounters } from "../support/counters.ts";
import { readInput, writeOutput } from "../support/script.ts";

export interface Input {
  /** What runs the command. */
  command: readonly string[];
  /** The arguments of each run, but for the target; the runs are one after the other. */
  runs: string[][];
}

/** A run. */
export interface Seen extends Ended {
  /** How many connections were opened by sockets. */
  opened: number;
  /** How often accept() returned. */
  visitors: number;
}

export type Output = Seen[];

const { command, runs } = readInput<Input>();
const output: Output = [];
for (const args of runs) {
  using application = new Application();
  const { hostname, port } = application.address;
  const before = readCounters();
  const ended = await run([...args, `${hostname}:${port}`], command);
  const { "Tcp.ActiveOpens": opened = 0 } = difference(before, readCounters());
  output.push({ ...ended, opened, visitors: await application.countVisitors() });
}
writeOutput(output);
