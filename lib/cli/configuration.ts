/** What `-v` says before the checks. */

import type { Command } from "./command.ts";
import { durationText } from "./text.ts";

/**
 * Shows what is going to be done.
 *
 * @param command What.
 * @returns Some lines, the last of which is empty.
 */
export function configurationText({ mode, sources, options, rounds, seed }: Command): string {
  const rows = [
    `    Timeout: ${durationText(options.timeout)}`,
    `   Requests: ${rounds === Infinity ? "no end" : rounds}`,
    `Concurrency: ${options.concurrency ?? "automatic"}`,
  ];
  if (mode === "scan") rows.push(`       Seed: ${seed}`);
  const targets = [...sources.texts, ...sources.files].join(", ");
  return `Checking ${targets} with the following configurations:\n${rows.join("\n")}\n`;
}
