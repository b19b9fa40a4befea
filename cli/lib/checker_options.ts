/** From options to what makes the checks. */

import type { CheckerOptions } from "@tcp-shaker/tcp-shaker";
import { flagText } from "./arguments.ts";
import { type FlagName, FLAGS, type FlagValues } from "./flags.ts";
import { quote } from "@tcp-shaker/tcp-shaker/quote";
import { UsageError } from "./usage_error.ts";

type Engine = NonNullable<FlagValues["engine"]>;

/** What an engine can't do, and why. */
interface Limits {
  readonly flags: readonly FlagName[];
  readonly why: string;
}

const LIMITS: Partial<Record<Engine, Limits>> = {
  raw: { flags: ["no-linger"], why: "it completes no handshake" },
  auto: { flags: ["no-linger"], why: "it may be raw, which completes no handshake" },
  connect: {
    flags: ["source", "interface", "mark", "tos", "syn-retries"],
    why: "it leaves the packets to Deno",
  },
};

/**
 * Chooses what makes the checks.
 *
 * @param values What was given.
 * @returns The options of the checker.
 * @throws {UsageError} If some exclude each other.
 */
export function checkerOptions(values: FlagValues): CheckerOptions {
  const { engine, fallback, rate, source, interface: device, mark, tos, "syn-retries": synRetries } = values;
  if (engine !== undefined) assertIsFor(engine, values);
  if (fallback === "connect" && (engine === "socket" || engine === "raw")) {
    throw new UsageError(`Cannot use --fallback connect with --engine ${engine}: leave it out, or use --engine auto`);
  }
  assertHasFamily(values);
  return { engine, fallback, rate, source, interface: device, mark, tos, synRetries };
}

function assertIsFor(engine: Engine, values: FlagValues): void {
  const limits = LIMITS[engine];
  const lost = limits?.flags.find((name) => values[name] !== undefined);
  if (lost === undefined) return;
  throw new UsageError(`Cannot use ${flagText(lost, FLAGS[lost])} with --engine ${engine}: ${limits!.why}`);
}

function assertHasFamily({ source, ipv4, ipv6 }: FlagValues): void {
  if (source === undefined || !(source.includes(":") ? ipv4 : ipv6)) return;
  const [family, other] = source.includes(":") ? ["-4", "an IPv6"] : ["-6", "an IPv4"];
  throw new UsageError(`Cannot use ${family} with --source ${quote(source)}: that is ${other} address`);
}
