/** The configuration that `-v` prints before the checks, in the format of tcp-shaker for Go. */

import { printable } from "@tcp-shaker/tcp-shaker/quote";
import type { Command } from "./command.ts";
import { durationText } from "../text.ts";

/** Maximum number of characters of the targets, because one argument may list 65,535 ports. */
const MAX_SHOWN_CHARACTERS = 1000;

/**
 * Formats the configuration of a command.
 *
 * @param command The command.
 * @returns Lines, the last of which is empty.
 */
export function configurationText({ mode, sources, options, checker, rounds, seed }: Command): string {
  const rows = [
    `    Timeout: ${durationText(options.timeout)}`,
    `   Requests: ${rounds === Infinity ? "unlimited" : rounds}`,
    `Concurrency: ${options.concurrency ?? "automatic"}`,
    `     Engine: ${checker.engine ?? "socket"}`,
  ];
  if (mode === "scan") rows.push(`       Seed: ${seed}`);
  const { queueTimeout, rate, threads, source, interface: device, mark, tos, synRetries } = checker;
  const given = {
    "Queue limit": queueTimeout === undefined ? undefined : durationText(queueTimeout),
    Rate: rate,
    Threads: threads,
    Source: source,
    Interface: device,
    Mark: mark,
    TOS: tos,
    "SYN retries": synRetries,
  };
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined) rows.push(`${name.padStart(11)}: ${value}`);
  }
  const targets = [...sources.texts, ...sources.files].join(", ");
  const shown = targets.length > MAX_SHOWN_CHARACTERS
    ? `${targets.slice(0, MAX_SHOWN_CHARACTERS)}... (${targets.length} characters)`
    : targets;
  return `Checking ${printable(shown)} with the following configurations:\n${rows.join("\n")}\n`;
}
