/** A monitor whose history is on a file system with faults; each phase is a command of a shell. */

import { readInput, writeOutput } from "../../../tests/support/script.ts";
import { RecordedMonitor } from "../support/recorded_monitor.ts";

export interface Input {
  file: string;
  /** Commands; after each one a minute passes, and then 10 s. */
  commands: string[];
}

export interface Output {
  phases: { messages: string[]; failures: number; problem?: string; checks: number }[];
  /** Minutes of the whole run that have rows, and events. */
  minutes: boolean[];
  events: number;
  dropped: number;
}

const { file, commands } = await readInput<Input>();
const recorded = await RecordedMonitor.start({ file });
const from = recorded.clock.date();
const phases: Output["phases"] = [];
for (const command of commands) {
  const { success, stderr } = await new Deno.Command("sh", { args: ["-c", command], stderr: "piped" }).output();
  if (!success) throw new Error(`${command}: ${new TextDecoder().decode(stderr)}`);
  await recorded.pass(50_000);
  // The pause after a failure is 5 s.
  await recorded.pass(10_000);
  const { failures, problem } = recorded.history.status();
  const messages = recorded.messages.splice(0);
  phases.push({ messages, failures, ...problem && { problem }, checks: recorded.monitor.get("db")!.checks });
}
await recorded.pass(60_000);
const to = recorded.clock.date();
const points = await recorded.history.series("db", { from, to, step: 60_000 });
const events = await recorded.history.events({ limit: 10 });
const output: Output = {
  phases,
  minutes: points.map(({ pass }) => pass === 30),
  events: events.length,
  dropped: recorded.history.status().dropped,
};
await recorded[Symbol.asyncDispose]();
await writeOutput(output);
