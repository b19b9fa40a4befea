/** What `-v` says before the checks. */

import type { Command } from "./command.ts";
import { durationText } from "./text.ts";

/**
 * Shows what is going to be done.
 *
 * @param command What.
 * @returns Some lines, the last of which is empty.
 */
export function configurationText({ targets, timeout, requests, concurrency }: Command): string {
  return `Checking ${targets.map(({ text }) => text).join(", ")} with the following configurations:
    Timeout: ${durationText(timeout)}
   Requests: ${requests}
Concurrency: ${concurrency ?? "automatic"}
`;
}
