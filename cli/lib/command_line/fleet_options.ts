/** Options of `monitor --fleet`, an agent of a fleet. */

import { quote } from "@tcp-shaker/tcp-shaker/quote";
import { type Arguments, flagText } from "./arguments.ts";
import { type FlagName, FLAGS } from "./flags.ts";
import { type FleetConnection, fleetConnection } from "./fleet_command.ts";
import { requireLease } from "./lease.ts";
import { FORMAT_FLAGS } from "../reports/formats.ts";
import { UsageError } from "../usage_error.ts";

/** Options of an agent of a fleet. */
export interface FleetOptions extends FleetConnection {
  /** The agent's name. */
  readonly agent: string;
  readonly zone: string;
  /** The file of the outbox. */
  readonly outbox: string | undefined;
  /** In ms. */
  readonly lease: number | undefined;
}

/** Options that work only with `--fleet`. */
const AGENT_FLAGS = ["agent", "zone", "outbox", "lease", "seed-file", "ca"] as const satisfies FlagName[];
/** Options that work with `--fleet`, because they concern the agent's host. All others belong in the target list. */
const BESIDE_FLEET: readonly string[] = [
  ...["fleet", "listen", "database", "verbose", ...AGENT_FLAGS, ...FORMAT_FLAGS],
  ...["queue-timeout", "rate", "engine", "fallback", "threads", "source", "interface", "mark", "tos", "syn-retries"],
];

/**
 * Reads the options of an agent.
 *
 * @param given The arguments.
 * @returns The options; `undefined` without `--fleet`.
 * @throws {UsageError} If an option is missing, or does not work with a fleet.
 */
export function fleetOptions({ values, positionals, rest = [] }: Arguments): FleetOptions | undefined {
  const { fleet, agent, zone, outbox, lease } = values;
  if (fleet === undefined) {
    const lone = AGENT_FLAGS.find((name) => values[name] !== undefined);
    if (lone !== undefined) throw new UsageError(`--${lone} works only in a fleet: add --fleet nats://HOST:PORT`);
    return undefined;
  }
  const other = (Object.keys(values) as FlagName[]).find((name) => !BESIDE_FLEET.includes(name));
  if (other !== undefined) {
    throw new UsageError(`${flagText(other, FLAGS[other])} does not work with --fleet: write it into the target list`);
  }
  const [target] = [...positionals, ...rest];
  if (target !== undefined) {
    throw new UsageError(`The target ${quote(target)} does not work with --fleet: add it to the fleet's target list`);
  }
  if (agent === undefined) throw new UsageError("--fleet needs a name for this agent: add --agent NAME");
  if (zone === undefined) throw new UsageError("--fleet needs the zone of this agent: add --zone NAME");
  requireLease(lease);
  return { ...fleetConnection(values), agent, zone, outbox, lease };
}
