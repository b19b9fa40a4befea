/** What `-v` says before the checks. */

import { printable } from "@tcp-shaker/tcp-shaker/quote";
import type { Command } from "./command.ts";
import { durationText } from "./text.ts";

/** Characters of the targets that are shown: one argument may list all ports. */
const MAX_SHOWN = 1000;

/**
 * Shows what is going to be done.
 *
 * @param command What.
 * @returns Some lines, the last of which is empty.
 */
export function configurationText({ mode, sources, options, checker, rounds, seed }: Command): string {
  const rows = [
    `    Timeout: ${durationText(options.timeout)}`,
    `   Requests: ${rounds === Infinity ? "no end" : rounds}`,
    `Concurrency: ${options.concurrency ?? "automatic"}`,
    `     Engine: ${checker.engine ?? "socket"}`,
  ];
  if (mode === "scan") rows.push(`       Seed: ${seed}`);
  const { rate, source, interface: device, mark, tos, synRetries } = checker;
  const asked = { Rate: rate, Source: source, Interface: device, Mark: mark, TOS: tos, "SYN retries": synRetries };
  for (const [name, value] of Object.entries(asked)) {
    if (value !== undefined) rows.push(`${name.padStart(11)}: ${value}`);
  }
  const targets = [...sources.texts, ...sources.files].join(", ");
  const shown = targets.length > MAX_SHOWN
    ? `${targets.slice(0, MAX_SHOWN)}... (${targets.length} characters)`
    : targets;
  return `Checking ${printable(shown)} with the following configurations:\n${rows.join("\n")}\n`;
}
