/** The table of the actions of the mode `fleet`: parser and help read it. */

/** The actions. */
export const ACTIONS = {
  "apply": { argument: "FILE", text: "show the difference of a target list, and put it in force" },
  "rollback": { argument: "[DIGEST]", text: "put an earlier target list in force (default: the previous one)" },
  "list": { argument: undefined, text: "print the stored target lists, the latest first" },
  "status": { argument: undefined, text: "print the agents, and the targets that are not up or disputed" },
  "nats-config": { argument: undefined, text: "write the configuration of NATS servers, and keys" },
} as const;

/** An action of the mode `fleet`. */
export type FleetAction = keyof typeof ACTIONS;

/** The forms of the command line. */
export const FLEET_USAGES: readonly (readonly [usage: string, text: string])[] = Object.entries(ACTIONS).map((
  [action, { argument, text }],
) => [["fleet", action, argument].filter(Boolean).join(" "), text]);
