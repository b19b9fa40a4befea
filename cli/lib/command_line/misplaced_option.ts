/** Messages about options that don't work with the mode. */

import { flagText } from "./arguments.ts";
import type { Flag } from "./flag.ts";
import { type FlagName, FLAGS } from "./flags.ts";
import { type Mode, MODES_WITHOUT_TARGETS, NAMED_MODES } from "../mode.ts";
import { UsageError } from "../usage_error.ts";

/** Names of the modes in messages, and the argument that selects each mode. */
const MODES: Record<Mode, { readonly text: string; readonly chosenBy: string }> = {
  check: { text: "plain checks", chosenBy: "" },
  summary: { text: "the summary", chosenBy: "-a and -n" },
  ping: { text: "rounds", chosenBy: "-i" },
  wait: { text: "wait", chosenBy: "wait" },
  watch: { text: "watch", chosenBy: "watch" },
  scan: { text: "scan", chosenBy: "scan" },
  monitor: { text: "monitor", chosenBy: "monitor" },
  history: { text: "history", chosenBy: "history" },
  fleet: { text: "fleet", chosenBy: "fleet" },
  hub: { text: "hub", chosenBy: "hub" },
};

/** Remedies other than to leave out the option or the mode. */
const REMEDIES: Partial<Record<FlagName, Partial<Record<Mode, string>>>> = {
  "interval": { scan: "it checks each target once: leave out scan for rounds, or use watch or monitor" },
  "requests": {
    wait: "it checks until the targets are up: use --deadline TIME to bound it",
    scan: "it checks each target once: leave out scan to check more often",
    monitor: "it runs until a signal: use watch -n, or -i TIME -n N without a mode",
  },
  "concurrency": {
    wait: "it has one check in flight per target: leave out -c",
    watch: "it has one check in flight per target: leave out -c",
    monitor: "it has one check in flight per target: leave out -c",
  },
  "min-up": {
    wait: "it waits for all targets, or for one with --any: leave out --min-up",
    monitor: "its exit status does not depend on targets: leave out --min-up",
  },
  "csv": { summary: "use --json, or leave out -a and -n", monitor: "use --json" },
};

/** Returns the name of a mode for messages. */
export function modeText(mode: Mode): string {
  return MODES[mode].text;
}

/**
 * Returns the error for an option that doesn't work with the mode.
 *
 * @param name The option.
 * @param mode The mode.
 * @returns The error, whose message names the command line that works.
 */
export function misplacedOption(name: FlagName, mode: Mode): UsageError {
  const flag: Flag = FLAGS[name];
  const [text, { text: modeName, chosenBy }] = [flagText(name, flag), MODES[mode]];
  if (flag.modes === undefined) return new UsageError(`${text} does not work with ${modeName}: leave it out`);
  const named = flag.modes.filter((mode) => Object.hasOwn(NAMED_MODES, mode));
  const remedy = REMEDIES[name]?.[mode];
  if (remedy !== undefined) return new UsageError(`${text} does not work with ${modeName}: ${remedy}`);
  if (named.length < flag.modes.length) {
    return new UsageError(
      `${text} does not work with ${modeName}: leave out ${[text, chosenBy].filter(Boolean).join(", or leave out ")}`,
    );
  }
  const value = flag.value === undefined ? "" : ` ${flag.value.placeholder}`;
  const argument = MODES_WITHOUT_TARGETS.includes(named[0]) ? "ACTION" : "TARGET";
  const line = `tcp-checker ${named[0]} ${text}${value} ${argument}`;
  const owner = `${text} is an option of ${named.join(" and ")}`;
  return new UsageError(
    Object.hasOwn(NAMED_MODES, mode) ? `${owner}, not of ${mode}: leave it out` : `${owner}: write "${line}"`,
  );
}
