/**
 * The command in a process that the tests of a file share.
 *
 * Tests of signals, pipes, stdin, terminals and permissions take a process of their own, by `command.ts`.
 */

import { COMMAND, type Ended, run as runAlone } from "./command.ts";
import { CommandProcess } from "./command_process.ts";

/** Not started by a test, because each test has to end what it starts. */
const shared = new CommandProcess(COMMAND);

/** Runs the command in the shared process; in one of its own with another command, or a text on its stdin. */
export function run(args: readonly string[], command?: readonly string[], stdin?: string): Promise<Ended> {
  return command === undefined && stdin === undefined ? shared.run(args) : runAlone(args, command, stdin);
}
