/** The table of the actions of the mode `fleet`: parser and help read it. */

import type { FlagName } from "./flags.ts";

/** Description of an action. */
interface Action {
  /** The argument after the action; absent if it takes none. */
  readonly argument?: "FILE" | "[DIGEST]";
  readonly text: string;
  /** The options that the action takes. */
  readonly options: readonly FlagName[];
}

const CONNECTION = ["fleet", "seed-file", "ca"] as const;

/** The actions. */
export const ACTIONS = {
  "apply": {
    argument: "FILE",
    text: "show the difference of a target list, and put it in force",
    options: [...CONNECTION, "dry-run", "allow-empty", "yes", "witnesses", "agree", "quorum", "copies"],
  },
  "rollback": {
    argument: "[DIGEST]",
    text: "put an earlier target list in force (default: the previous one)",
    options: CONNECTION,
  },
  "list": { text: "print the stored target lists, the latest first", options: [...CONNECTION, "json"] },
  "status": {
    text: "print the agents, and the targets that are not up or disputed",
    options: [...CONNECTION, "json"],
  },
  "nats-config": {
    text: "write the configuration of NATS servers, and keys",
    options: [
      ...["agents", "hub-name", "output", "nats-listen", "storage", "tls-cert", "tls-key"] as const,
      ...["server-name", "cluster", "route", "tls-ca"] as const,
    ],
  },
} as const satisfies Record<string, Action>;

/** An action of the mode `fleet`. */
export type FleetAction = keyof typeof ACTIONS;

/** The names of the actions. */
export const ACTION_NAMES = Object.keys(ACTIONS) as FleetAction[];

/** Returns the argument and the options of an action. */
export function actionOf(name: FleetAction): Action {
  return ACTIONS[name];
}

/** The forms of the command line. */
export const FLEET_USAGES: readonly (readonly [usage: string, text: string])[] = Object.entries<Action>(ACTIONS).map((
  [action, { argument, text }],
) => [["fleet", action, argument].filter(Boolean).join(" "), text]);
