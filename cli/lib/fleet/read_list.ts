/** Reads the target list of `fleet apply`: a configuration of the monitor, or one target per line. */

import { listed, type TargetList } from "@tcp-shaker/fleet/admin";
import { OPTION_NAMES } from "@tcp-shaker/monitor/parts";
import { expandTargets, formatTarget } from "@tcp-shaker/tcp-shaker";
import { printable } from "@tcp-shaker/tcp-shaker/quote";
import { openLines, readLines } from "../targets/lines.ts";
import { UsageError } from "../usage_error.ts";

const CONFIGURATION = /\.(?:ya?ml|json)$/i;

/** Options of the section `monitor` that belong to the list. The others concern the host of an agent. */
const LIST_OPTIONS: ReadonlySet<string> = new Set(OPTION_NAMES);

/** Maximum number of malformed lines in a message. */
const SHOWN = 10;

/** A target list without vote options, and the parts of the file that it leaves out. */
export interface ReadList extends Omit<TargetList, "vote"> {
  /** Sections and options that do not belong to the list. */
  readonly ignored: readonly string[];
}

/**
 * Reads a target list.
 *
 * @param path The file; `-` is stdin, with one target per line.
 * @returns The list.
 * @throws {UsageError} If the file can't be read or is invalid.
 */
export async function readList(path: string): Promise<ReadList> {
  return CONFIGURATION.test(path) ? await readConfiguration(path) : await readPlain(path);
}

async function readPlain(path: string): Promise<ReadList> {
  const source = await openLines(path);
  const targets = new Set<string>();
  const problems: string[] = [];
  for await (const { number, text } of readLines(source)) {
    try {
      for (const target of expandTargets(text)) targets.add(formatTarget(target));
    } catch (error) {
      problems.push(`${printable(source.name)}:${number}: ${(error as Error).message}`);
    }
  }
  if (problems.length > SHOWN) problems.splice(SHOWN, Infinity, `and ${problems.length - SHOWN} more malformed lines`);
  if (problems.length > 0) throw new UsageError(problems.join("; "));
  return { targets: [...targets].map(listed), monitor: {}, ignored: [] };
}

async function readConfiguration(path: string): Promise<ReadList> {
  // Loaded on demand, because other lists don't need the parser.
  const { ConfigurationError, readConfiguration } = await import("@tcp-shaker/monitor/config");
  const configuration = await readConfiguration(path).catch((error) => {
    throw error instanceof ConfigurationError
      ? new UsageError(error.message.replaceAll("configuration:", `${path}:`).replaceAll("\n", "; "))
      : error;
  });
  const { targets, monitor, lists, sinks, probe } = configuration;
  if (lists.length > 0) {
    throw new UsageError(
      `${path} refers to other target lists: fleet apply reads only one file, so write their targets into it`,
    );
  }
  const entries = Object.entries(monitor);
  const isOfList = ([name]: [string, unknown]) => LIST_OPTIONS.has(name);
  return {
    targets: targets.map(listed),
    monitor: Object.fromEntries(entries.filter(isOfList)),
    ignored: [
      ...entries.filter((entry) => !isOfList(entry)).map(([name]) => `monitor.${name}`),
      ...sinks.length > 0 ? ["sinks"] : [],
      ...probe === undefined ? [] : ["probe"],
    ],
  };
}
