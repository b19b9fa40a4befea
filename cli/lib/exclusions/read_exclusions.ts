/** Reads the excluded targets of arguments and files, and resolves their names. */

import { Checker } from "@tcp-shaker/tcp-shaker";
import { addressNumber, type AddressRange, AddressSet } from "@tcp-shaker/tcp-shaker/address-set";
import { printable, quote } from "@tcp-shaker/tcp-shaker/quote";
import type { Command } from "../command_line/command.ts";
import { openLines, readLines } from "../targets/lines.ts";
import { UsageError } from "../usage_error.ts";
import { parseExclusion } from "./parse_exclusion.ts";

/** Time limit for name resolution, in ms. It is longer than a check's timeout, because a failure ends the scan. */
const RESOLVE_TIMEOUT_MS = 10_000;

/**
 * Reads all excluded targets. A malformed line is an error, because a scan that skips it would probe its targets.
 *
 * @param command The command.
 * @param signal Ends the lookups.
 * @returns The excluded addresses.
 * @throws {UsageError} If a text is malformed, a file can't be read, or a name has no address.
 */
export async function readExclusions(command: Command, signal: AbortSignal): Promise<AddressSet> {
  const parsed = command.scan.exclude.map(parseExclusion);
  for (const path of command.scan.excludeFiles) parsed.push(...await readFile(path));
  const ranges = parsed.filter((one) => typeof one !== "string");
  const names = parsed.filter((one) => typeof one === "string");
  return new AddressSet([...ranges, ...await addressesOf(names, command, signal)]);
}

async function readFile(path: string): Promise<(AddressRange | string)[]> {
  const parsed = [];
  for await (const { number, text } of readLines(await openLines(path))) {
    try {
      parsed.push(...text.split(/[\s,]+/).map(parseExclusion));
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      throw new UsageError(`${printable(path)}:${number}: ${error.message}`);
    }
  }
  return parsed;
}

/** Resolves names. The checks deny each address, so that no SYN is sent. */
async function addressesOf(names: readonly string[], command: Command, signal: AbortSignal): Promise<AddressRange[]> {
  if (names.length === 0) return [];
  const ranges = [];
  await using checker = await Checker.start(command.checker);
  const targets = names.map((hostname) => ({ hostname, port: 1 }));
  const timeout = Math.max(command.options.timeout, RESOLVE_TIMEOUT_MS);
  for await (const result of checker.checkAll(targets, { timeout, resolve: "all", allow: () => false, signal })) {
    if (result.status !== "denied") {
      const cause = "code" in result ? result.code : result.status;
      throw new UsageError(
        `Cannot exclude ${quote(result.target.hostname)}: the name has no address (${cause}): exclude its addresses`,
      );
    }
    const number = addressNumber(result.address.hostname);
    ranges.push({ first: number, last: number });
  }
  return ranges;
}
