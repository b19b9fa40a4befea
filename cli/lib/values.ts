/** The kinds of values that options take. */

import { isIP } from "node:net";
import { expandTargets } from "@tcp-shaker/tcp-shaker";

/** A kind of value. */
export interface Value<T> {
  /** What stands for it in the help. */
  readonly placeholder: string;
  /** What it takes, for the message to those who gave something else. */
  readonly takes: string;
  /** All there are, if they can be listed. */
  readonly choices?: readonly string[];
  /** Reads one; `undefined` if it is none. */
  read(text: string): T | undefined;
}

/** The limit of timers, and of the module's timeouts. */
const MAX_MS = 2 ** 31 - 1;
const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** A time, in ms. */
export const TIME: Value<number> = {
  placeholder: "TIME",
  takes: "a time above 0 and below 24 days, as 500ms, 1.5s, 2m or 1h; a bare number is in ms",
  read(text) {
    const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text);
    const ms = match === null ? NaN : Number(match[1]) * UNITS[match[2] ?? "ms"];
    return ms > 0 && ms <= MAX_MS ? ms : undefined;
  },
};

/** A whole number. */
export const COUNT: Value<number> = wholeNumber(1, Number.MAX_SAFE_INTEGER, "a whole number, 1 or more");

/** What random orders are made from. */
export const SEED: Value<number> = wholeNumber(0, 2 ** 32 - 1, "a whole number below 2^32");

/** So many a second. */
export const RATE: Value<number> = {
  placeholder: "N",
  takes: "a number of checks a second, above 0",
  read(text) {
    const rate = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : NaN;
    return rate > 0 && rate < Infinity ? rate : undefined;
  },
};

/** Ports, as in a target. */
export const PORTS: Value<string> = {
  placeholder: "PORTS",
  takes: "ports from 1 to 65535, as 443, 80,443 or 8000-8100",
  read: (text) => {
    try {
      expandTargets("127.0.0.1", { ports: text, limit: Infinity });
      return text;
    } catch {
      return undefined;
    }
  },
};

/** An address of this system. */
export const ADDRESS: Value<string> = {
  placeholder: "ADDR",
  takes: "an IP address, with its interface where it is a link-local one: fe80::1%eth0",
  read: (text) => isIP(text) === 0 ? undefined : text,
};

/** The name of an interface, as far as the module takes it. */
export const INTERFACE: Value<string> = {
  placeholder: "DEV",
  takes: "the name of an interface, as eth0",
  read: (text) => /^[!-.0-9;-~]{1,15}$/.test(text) ? text : undefined,
};

/** Numbers that stand for bits are written in hexadecimal too. */
const BITS = /^(?:\d+|0x[\da-f]+)$/i;

/** A mark of packets. */
export const MARK: Value<number> = wholeNumber(0, 2 ** 32 - 1, "a number below 2^32, as 7 or 0x7", BITS);

/** A TOS byte, or traffic class. */
export const TOS: Value<number> = {
  placeholder: "N",
  takes: "a multiple of 4 up to 252, as 184 or 0xb8: a DSCP times 4",
  read: (text) => {
    const tos = MARK.read(text);
    return tos !== undefined && tos <= 252 && tos % 4 === 0 ? tos : undefined;
  },
};

/** How often a SYN is sent again. */
export const RETRIES: Value<number> = wholeNumber(0, 127, "a whole number up to 127");

/** Any text. */
export function text(placeholder: string): Value<string> {
  return { placeholder, takes: `a ${placeholder}`, read: (text) => text };
}

/** One of a few words. */
export function oneOf<const Word extends string>(
  choices: readonly Word[],
  placeholder: string = choices.join("|"),
): Value<Word> {
  return {
    placeholder,
    takes: choices.join(", ").replace(/, (?=[^,]*$)/, " or "),
    choices,
    read: (text) => choices.find((choice) => choice === text),
  };
}

function wholeNumber(min: number, max: number, takes: string, pattern = /^\d+$/): Value<number> {
  return {
    placeholder: "N",
    takes,
    read(text) {
      const number = pattern.test(text) ? Number(text) : NaN;
      return number >= min && number <= max ? number : undefined;
    },
  };
}
