/** Types of the values of options: how each is parsed, and how help and messages describe it. */

import { expandTargets } from "@tcp-shaker/tcp-shaker";
import { addressFamily } from "@tcp-shaker/tcp-shaker/ip-number";

/** The type of a value. */
export interface ValueType<T> {
  /** Stands for the value in the help. */
  readonly placeholder: string;
  /** Describes valid values, for messages about an invalid one. */
  readonly description: string;
  /** All valid values, if they can be listed. */
  readonly choices?: readonly string[];
  /** Parses a value; `undefined` if it is invalid. */
  readonly parse: (text: string) => T | undefined;
}

/** The limit of timers, and of the library's timeouts. */
const MAX_MS = 2 ** 31 - 1;
const MS_PER_UNIT: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A duration, in ms. */
export const TIME: ValueType<number> = {
  placeholder: "TIME",
  description: "a time above 0 and below 24 days, such as 500ms, 1.5s, 2m or 1h; a bare number is in ms",
  parse(text) {
    const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text);
    const ms = match === null ? NaN : Number(match[1]) * MS_PER_UNIT[match[2] ?? "ms"];
    return ms > 0 && ms <= MAX_MS ? ms : undefined;
  },
};

/** A duration with a unit, in ms. A bare number is rejected, because users of other wait tools would mean seconds. */
export const TIME_WITH_UNIT: ValueType<number> = {
  placeholder: "TIME",
  description: "a time with its unit, above 0 and below 24 days, such as 30s, 2m or 1h",
  parse: (text) => /\d$/.test(text) ? undefined : TIME.parse(text),
};

/** A count, at least 1. */
export const COUNT: ValueType<number> = wholeNumber(1, Number.MAX_SAFE_INTEGER, "a whole number, 1 or more");

/** The seed of a random order. */
export const SEED: ValueType<number> = wholeNumber(0, 2 ** 32 - 1, "a whole number below 2^32");

/** A rate per second. */
export const RATE: ValueType<number> = {
  placeholder: "N",
  description: "a number of checks per second, above 0",
  parse(text) {
    const rate = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : NaN;
    return rate > 0 && rate < Infinity ? rate : undefined;
  },
};

/** Ports, as in a target. */
export const PORTS: ValueType<string> = {
  placeholder: "PORTS",
  description: "ports from 1 to 65535, such as 443, 80,443 or 8000-8100",
  parse: (text) => {
    try {
      expandTargets("127.0.0.1", { ports: text, limit: Infinity });
      return text;
    } catch {
      return undefined;
    }
  },
};

/** An IP address. */
export const ADDRESS: ValueType<string> = {
  placeholder: "ADDR",
  description: "an IP address; a link-local one with its interface, such as fe80::1%eth0",
  parse: (text) => addressFamily(text) === undefined ? undefined : text,
};

/** The name of a network interface, with the characters that the library accepts. */
export const INTERFACE: ValueType<string> = {
  placeholder: "DEV",
  description: "the name of a network interface, such as eth0",
  parse: (text) => /^[!-.0-9;-~]{1,15}$/.test(text) ? text : undefined,
};

/** Bit masks may be hexadecimal. */
const DECIMAL_OR_HEXADECIMAL = /^(?:\d+|0x[\da-f]+)$/i;

/** A packet mark. */
export const MARK: ValueType<number> = wholeNumber(
  0,
  2 ** 32 - 1,
  "a number below 2^32, such as 7 or 0x7",
  DECIMAL_OR_HEXADECIMAL,
);

/** A TOS byte, or traffic class. */
export const TOS: ValueType<number> = {
  placeholder: "N",
  description: "a multiple of 4 up to 252, such as 184 or 0xb8: a DSCP times 4",
  parse: (text) => {
    const tos = MARK.parse(text);
    return tos !== undefined && tos <= 252 && tos % 4 === 0 ? tos : undefined;
  },
};

/** A number of retransmits of a SYN. */
export const RETRIES: ValueType<number> = wholeNumber(0, 127, "a whole number up to 127");

/** A number of threads. */
export const THREADS: ValueType<number | "auto"> = {
  placeholder: "N",
  description: "a whole number from 1 to 64, or auto",
  parse: (text) => text === "auto" ? text : wholeNumber(1, 64, "").parse(text),
};

/** Any text. */
export function text(placeholder: string): ValueType<string> {
  return { placeholder, description: `a ${placeholder}`, parse: (text) => text };
}

/** One of several words. */
export function oneOf<const Word extends string>(
  choices: readonly Word[],
  placeholder: string = choices.join("|"),
): ValueType<Word> {
  return {
    placeholder,
    description: choices.join(", ").replace(/, (?=[^,]*$)/, " or "),
    choices,
    parse: (text) => choices.find((choice) => choice === text),
  };
}

/** A list of choices, separated by commas. */
export function listOf<const Word extends string>(
  choices: readonly Word[],
  placeholder: string,
): ValueType<readonly Word[]> {
  const word = oneOf(choices);
  return {
    placeholder,
    description: `one or more of ${choices.join(", ")}, separated by commas`,
    choices,
    parse(text) {
      const words = text.split(",").map(word.parse).filter((one) => one !== undefined);
      return words.length === text.split(",").length ? words : undefined;
    },
  };
}

/** Excluded targets, separated by commas. */
export const EXCLUDED: ValueType<readonly string[]> = {
  placeholder: "TARGETS",
  description: "addresses, networks, ranges or names, separated by commas",
  parse: (text) => {
    const targets = text.split(",").map((target) => target.trim());
    return targets.includes("") ? undefined : targets;
  },
};

function wholeNumber(min: number, max: number, description: string, pattern = /^\d+$/): ValueType<number> {
  return {
    placeholder: "N",
    description,
    parse(text) {
      const number = pattern.test(text) ? Number(text) : NaN;
      return number >= min && number <= max ? number : undefined;
    },
  };
}

/** A date, which means its start in UTC, or a time in RFC 3339. The value is in ms since 1970. */
export const INSTANT: ValueType<number> = {
  placeholder: "TIME",
  description: "a date such as 2026-11-01, or a time such as 2026-11-01T12:00:00Z",
  parse(text) {
    if (!/^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/.test(text)) return undefined;
    const time = Date.parse(text);
    return Number.isNaN(time) ? undefined : time;
  },
};
