/**
 * The command in a process that the tests of a file share.
 *
 * Tests of signals, pipes, stdin, terminals and permissions need a separate process, by `command.ts`.
 */

import { COMMAND, type Ended, run as runAlone } from "./command.ts";
import { CommandProcess } from "./command_process.ts";

/** Started outside of tests, because a test must end the processes that it starts. */
const shared = new CommandProcess(COMMAND);

/** Runs the command in the shared process; in a separate process with another command, or with a text on stdin. */
export function run(args: readonly string[], command?: readonly string[], stdin?: string): Promise<Ended> {
  return command === undefined && stdin === undefined ? shared.run(args) : runAlone(args, command, stdin);
}
