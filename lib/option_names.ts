/** Names of all options. An unknown option is an error, because it is probably mistyped. */

import { nearest } from "./nearest.ts";
import type {
  CheckAllOptions,
  CheckDefaults,
  CheckerOptions,
  CheckerStartOptions,
  CheckOptions,
  WaitOptions,
} from "./options.ts";
import { quote } from "./quote.ts";
import type { ExpandOptions } from "./expand_options.ts";

/** Property names of an interface. A record, because the compiler can't check that a list is complete. */
type Names<Options> = Readonly<Record<keyof Options, true>>;

const DEFAULTS: Names<CheckDefaults> = {
  timeout: true,
  queueTimeout: true,
  zeroLinger: true,
  family: true,
  resolve: true,
  details: true,
  allow: true,
};

const CHECK: Names<CheckOptions> = { ...DEFAULTS, signal: true };

const CHECK_ALL: Names<CheckAllOptions> = { ...CHECK, concurrency: true, rate: true, onInvalid: true };

const WAIT: Names<WaitOptions> = {
  ...CHECK,
  state: true,
  deadline: true,
  interval: true,
  stableFor: true,
  onResult: true,
};

const CHECKER: Names<CheckerOptions> = {
  ...DEFAULTS,
  engine: true,
  fallback: true,
  rate: true,
  threads: true,
  source: true,
  interface: true,
  mark: true,
  tos: true,
  synRetries: true,
};

const START: Names<CheckerStartOptions> = { ...CHECKER, signal: true };

const EXPAND: Names<ExpandOptions> = { limit: true, ports: true };

/** Option names by the function or class that takes the options, as named in messages. */
const NAMES = {
  "checkAddr()": CHECK,
  "prepare()": DEFAULTS,
  "checkAll()": CHECK_ALL,
  "waitUntil()": WAIT,
  "a checker": CHECKER,
  "expandTargets()": EXPAND,
  "Checker.start()": START,
} as const;

/** Function or class that takes options. */
export type OptionsOwner = keyof typeof NAMES;

/** Functions that take a bare number as the timeout. */
const WITH_BARE_TIMEOUT: ReadonlySet<OptionsOwner> = new Set(["checkAddr()", "prepare()", "checkAll()"]);

/**
 * Asserts that options are an object with known names.
 *
 * @param options The user's value. A property that is `undefined` may have any name.
 * @param owner The function or class that takes the options.
 * @throws {TypeError} If the value is not an object, or has an unknown option.
 */
export function assertOptions(options: unknown, owner: OptionsOwner): asserts options is object {
  if (typeof options !== "object" || options === null) {
    const expected = WITH_BARE_TIMEOUT.has(owner) ? "an object, or a timeout in ms" : "an object";
    throw new TypeError(`Cannot check: options of ${owner} must be ${expected}: ${quote(options)}`);
  }
  const names: Readonly<Record<string, true>> = NAMES[owner];
  for (const name in options) {
    if (!Object.hasOwn(names, name) && (options as Record<string, unknown>)[name] !== undefined) {
      throw new TypeError(unknownOption(name, owner));
    }
  }
}

function unknownOption(name: string, owner: OptionsOwner): string {
  return `Cannot check: ${owner} has no option ${quote(name)}: ${hint(name, owner)}`;
}

/** Hint to another function that has the option, to a similar option, or to all options. */
function hint(name: string, owner: OptionsOwner): string {
  const others = Object.entries(NAMES).filter(([, names]) => Object.hasOwn(names, name));
  if (others.length > 0) return `it is an option of ${others.map(([other]) => other).join(", ")}`;
  const names = Object.keys(NAMES[owner]);
  const meant = nearest(name, names);
  return meant === undefined ? `its options are ${names.join(", ")}` : `did you mean "${meant}"?`;
}
