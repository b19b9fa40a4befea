/** Options of the checker, from the command's options. */

import type { CheckerOptions } from "@tcp-shaker/tcp-shaker";
import { quote } from "@tcp-shaker/tcp-shaker/quote";
import { flagText } from "./arguments.ts";
import { type FlagName, FLAGS, type FlagValues } from "./flags.ts";
import { UsageError } from "../usage_error.ts";

type Engine = NonNullable<FlagValues["engine"]>;

/** Options that an engine does not support, and why. */
interface Unsupported {
  readonly flags: readonly FlagName[];
  readonly reason: string;
}

const UNSUPPORTED: Partial<Record<Engine, Unsupported>> = {
  raw: { flags: ["no-linger"], reason: "which completes no handshake: use --engine socket" },
  auto: { flags: ["no-linger"], reason: "which may choose raw: use --engine socket" },
  connect: {
    flags: ["source", "interface", "mark", "tos", "syn-retries", "threads"],
    reason: "which can't control packets: use --engine socket",
  },
};

/**
 * Returns the options of the checker.
 *
 * @param values The values of the options.
 * @returns The options of the checker.
 * @throws {UsageError} If options exclude each other.
 */
export function checkerOptions(values: FlagValues): CheckerOptions {
  const { engine, fallback, rate, threads, source, interface: device, mark, tos } = values;
  const { "queue-timeout": queueTimeout, "syn-retries": synRetries } = values;
  if (engine !== undefined) rejectUnsupported(engine, values);
  if (fallback === "connect" && (engine === "socket" || engine === "raw")) {
    throw new UsageError(
      `--fallback connect does not work with --engine ${engine}: leave it out, or use --engine auto`,
    );
  }
  rejectOtherFamily(values);
  return { engine, fallback, queueTimeout, rate, threads, source, interface: device, mark, tos, synRetries };
}

function rejectUnsupported(engine: Engine, values: FlagValues): void {
  const unsupported = UNSUPPORTED[engine];
  const name = unsupported?.flags.find((name) => values[name] !== undefined);
  if (name === undefined) return;
  throw new UsageError(`${flagText(name, FLAGS[name])} does not work with --engine ${engine}, ${unsupported!.reason}`);
}

function rejectOtherFamily({ source, ipv4, ipv6 }: FlagValues): void {
  if (source === undefined || !(source.includes(":") ? ipv4 : ipv6)) return;
  const [flag, family] = source.includes(":") ? ["-4", "an IPv6"] : ["-6", "an IPv4"];
  throw new UsageError(
    `${flag} does not work with --source ${quote(source)}, ${family} address: leave out one of them`,
  );
}
