/** What `-v` says before the checks. */

import type { Command } from "./command.ts";
import { durationText } from "./text.ts";

/**
 * Shows what is going to be done.
 *
 * @param command What.
 * @returns Some lines, the last of which is empty.
 */
export function configurationText({ mode, sources, options, sockets, rounds, seed }: Command): string {
  const rows = [
    `    Timeout: ${durationText(options.timeout)}`,
    `   Requests: ${rounds === Infinity ? "no end" : rounds}`,
    `Concurrency: ${options.concurrency ?? "automatic"}`,
  ];
  if (mode === "scan") rows.push(`       Seed: ${seed}`);
  const asked = { Source: sockets.source, Interface: sockets.interface, Mark: sockets.mark, TOS: sockets.tos };
  for (const [name, value] of Object.entries({ ...asked, "SYN retries": sockets.synRetries })) {
    if (value !== undefined) rows.push(`${name.padStart(11)}: ${value}`);
  }
  const targets = [...sources.texts, ...sources.files].join(", ");
  return `Checking ${targets} with the following configurations:\n${rows.join("\n")}\n`;
}
