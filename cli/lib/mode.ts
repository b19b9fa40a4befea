/** Modes of the command. */

/** Mode of the command. */
export type Mode =
  | "check"
  | "summary"
  | "ping"
  | "wait"
  | "watch"
  | "scan"
  | "monitor"
  | "history"
  | "fleet"
  | "hub";

/** Modes that the first argument names. The options choose among the others. */
export const NAMED_MODES = {
  wait: "wait until all targets are up, then run COMMAND",
  watch: "show verdicts live on a full screen",
  scan: "check each target once, in random order",
  monitor: "monitor targets, and print each change of a verdict",
  history: "print outages, or uptime per month, of a database",
  hub: "compute and serve the verdicts of a fleet, and notify",
  fleet: "manage a fleet of monitoring agents: target lists, status, servers",
} as const satisfies Partial<Record<Mode, string>>;

/** A mode that the first argument names. */
export type NamedMode = keyof typeof NAMED_MODES;

/** Modes without targets on the command line. Options that don't list modes don't work with them. */
export const MODES_WITHOUT_TARGETS: readonly Mode[] = ["history", "fleet", "hub"];

/** Modes that print results or events in one of the formats. */
export const MODES_WITH_FORMATS: readonly Mode[] = [
  ...["check", "summary", "ping", "wait", "watch", "scan", "monitor", "hub"] as const,
];
