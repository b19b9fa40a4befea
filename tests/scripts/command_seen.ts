/**
 * Runs the command on an application in the current network, and reports what the application and the kernel counted.
 */

import { Application } from "../support/application.ts";
import type { Ended } from "../support/command.ts";
import { CommandProcess } from "../support/command_process.ts";
import { difference, readCounters } from "../support/counters.ts";
import { readInput, writeOutput } from "../support/script.ts";

export interface Input {
  /** The command line that starts the command. */
  command: readonly string[];
  /** The arguments of each run without the target; runs are sequential. */
  runs: string[][];
}

/** A run. */
export interface Seen extends Ended {
  /** Connections opened by sockets (`ActiveOpens`). */
  opened: number;
  /** The number of accepted connections. */
  accepted: number;
}

export type Output = Seen[];

const { command, runs } = readInput<Input>();
const output: Output = [];
await using process = new CommandProcess(command);
for (const args of runs) {
  using application = new Application();
  const { hostname, port } = application.address;
  const before = readCounters();
  const ended = await process.run([...args, `${hostname}:${port}`]);
  const { "Tcp.ActiveOpens": opened = 0 } = difference(before, readCounters());
  output.push({ ...ended, opened, accepted: await application.countAccepted() });
}
writeOutput(output);
