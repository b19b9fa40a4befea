/** Parses the arguments of the mode `hub`. */

import { quote } from "@tcp-shaker/tcp-shaker/quote";
import type { FlagValues } from "./flags.ts";
import type { Format } from "../reports/formats.ts";
import { UsageError } from "../usage_error.ts";
import { type FleetConnection, fleetConnection } from "./fleet_command.ts";
import { requireLease } from "./lease.ts";

/** Command of the mode `hub`. */
export interface HubCommand {
  /** The hub's name. */
  readonly name: string;
  readonly connection: FleetConnection;
  /** The configuration of server and sinks. */
  readonly config: string | undefined;
  /** Whether the configuration is only checked. */
  readonly checkOnly: boolean;
  /** The address of the HTTP server. */
  readonly listen: string | undefined;
  /** The file of the history. */
  readonly database: string | undefined;
  /** Duration of the hub's leases in ms. */
  readonly lease: number | undefined;
  readonly format: Format;
}

/**
 * Parses the arguments of the mode `hub`.
 *
 * @param values The options.
 * @param words The arguments that are not options, without the mode.
 * @param format The output format.
 * @returns The command.
 * @throws {UsageError} If there is an argument, or an option is out of range.
 */
export function parseHub(values: FlagValues, words: readonly string[], format: Format): HubCommand {
  const { hub = "hub", config, listen, database, lease, "check-config": checkOnly = false } = values;
  if (words.length > 0) {
    throw new UsageError(
      `The target ${quote(words[0])} does not work with hub: add it to the fleet's target list with fleet apply`,
    );
  }
  if (checkOnly && config === undefined) throw new UsageError("--check-config has no file: add --config FILE");
  requireLease(lease);
  return { name: hub, connection: fleetConnection(values), config, checkOnly, listen, database, lease, format };
}
