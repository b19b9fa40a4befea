/** Parses the arguments of the mode `fleet`. */

import type { VoteOptions } from "@tcp-shaker/fleet";
import { quote } from "@tcp-shaker/tcp-shaker/quote";
import { flagText } from "./arguments.ts";
import { type FlagName, FLAGS, type FlagValues } from "./flags.ts";
import { UsageError } from "../usage_error.ts";
import { ACTION_NAMES, actionOf, type FleetAction } from "./fleet_actions.ts";

/** Options of the connection to the fleet's servers. */
export interface FleetConnection {
  /** URLs. */
  readonly servers: readonly string[];
  /** The file of the seed of an nkey. */
  readonly seedFile: string | undefined;
  /** The file of CA certificates. */
  readonly ca: string | undefined;
}

/** Command of the mode `fleet`. */
export interface FleetCommand {
  readonly action: FleetAction;
  /** The argument after the action. */
  readonly argument: string | undefined;
  readonly connection: FleetConnection;
  /** Whether the output is JSON. */
  readonly isJson: boolean;
  readonly isDryRun: boolean;
  /** Whether a list without targets is applied. */
  readonly allowsEmpty: boolean;
  /** Whether a list is applied without a question. */
  readonly isConfirmed: boolean;
  readonly vote: VoteOptions;
  readonly replicas: number | undefined;
  readonly natsConfig: {
    /** The file of the agents' names. */
    readonly agents: string | undefined;
    readonly hubs: readonly string[];
    readonly output: string;
    readonly listen: string | undefined;
    readonly storage: string | undefined;
    readonly tlsCert: string | undefined;
    readonly tlsKey: string | undefined;
    /** The file of the CA that signed the certificates of the cluster's servers. */
    readonly tlsCa: string | undefined;
    readonly serverName: string | undefined;
    /** The listen address for the other servers of the cluster. */
    readonly cluster: string | undefined;
    readonly routes: readonly string[];
  };
}

const DEFAULT_SERVER = "nats://127.0.0.1:4222";

/**
 * Returns the options of the connection, with the default server.
 *
 * @param values The options.
 */
export function fleetConnection({ fleet, "seed-file": seedFile, ca }: FlagValues): FleetConnection {
  return { servers: fleet ?? [DEFAULT_SERVER], seedFile, ca };
}

/**
 * Parses the arguments of the mode `fleet`.
 *
 * @param values The options.
 * @param words The arguments that are not options, without the mode.
 * @returns The command.
 * @throws {UsageError} If the action is unknown, does not take an option, its argument is missing, or there are too
 * many arguments.
 */
export function parseFleet(values: FlagValues, words: readonly string[]): FleetCommand {
  const [word, argument, extra] = words;
  const action = ACTION_NAMES.find((name) => name === word);
  if (action === undefined) {
    const given = word === undefined ? "fleet has no action" : `fleet has no action ${quote(word)}`;
    throw new UsageError(`${given}: use ${ACTION_NAMES.join(", ")} (see fleet --help)`);
  }
  for (const name of Object.keys(values) as FlagName[]) requireOption(name, action);
  const { argument: takes } = actionOf(action);
  if (takes === "FILE" && !argument) throw new UsageError(`fleet ${action} has no file: give its path`);
  if (takes === "[DIGEST]" && argument === "") {
    throw new UsageError(`fleet ${action} "" has no digest: give its first digits, or leave out the argument`);
  }
  const surplus = takes === undefined ? argument : extra;
  if (surplus !== undefined) throw new UsageError(`fleet ${action} does not take ${quote(surplus)}: leave it out`);
  return {
    action,
    argument,
    connection: fleetConnection(values),
    isJson: values.json ?? false,
    isDryRun: values["dry-run"] ?? false,
    allowsEmpty: values["allow-empty"] ?? false,
    isConfirmed: values.yes ?? false,
    vote: {
      ...values.witnesses !== undefined && { witnesses: values.witnesses },
      ...values.agree !== undefined && { agree: values.agree },
      ...values.quorum !== undefined && { quorum: values.quorum },
    },
    replicas: values.copies,
    natsConfig: {
      agents: values.agents,
      hubs: values["hub-name"] ?? ["hub"],
      output: values.output ?? ".",
      listen: values["nats-listen"],
      storage: values.storage,
      tlsCert: values["tls-cert"],
      tlsKey: values["tls-key"],
      tlsCa: values["tls-ca"],
      serverName: values["server-name"],
      cluster: values.cluster,
      routes: values.route ?? [],
    },
  };
}

/** Rejects an option of other actions, because `rollback --dry-run` must not roll back. */
function requireOption(name: FlagName, action: FleetAction): void {
  if (actionOf(action).options.includes(name)) return;
  const takers = ACTION_NAMES.filter((other) => actionOf(other).options.includes(name));
  const remedy = `use it with ${takers.map((taker) => `fleet ${taker}`).join(", ").replace(/, (?=[^,]*$)/, " or ")}`;
  throw new UsageError(`${flagText(name, FLAGS[name])} does not work with fleet ${action}: ${remedy}`);
}
