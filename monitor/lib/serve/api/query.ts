/** Parser of a URL's query, which collects the problems of parameters. */

import { quote } from "@tcp-shaker/tcp-shaker/quote";
import { DURATION, parseDuration } from "../../config/values/duration.ts";
import { HttpError } from "../http/http_error.ts";

/** Bounds of an integer, and its default. */
export interface IntegerBounds {
  readonly min: number;
  readonly max: number;
  readonly default: number;
}

/** Reads the parameters of a query. After the last one, call {@linkcode Query.end}, which throws all problems. */
export class Query {
  readonly #parameters: URLSearchParams;
  readonly #known = new Set<string>();
  readonly #problems: string[] = [];

  /** @param url The URL. */
  constructor({ searchParams }: URL) {
    this.#parameters = searchParams;
  }

  /** Reads a text; `undefined` if absent. */
  text(name: string): string | undefined {
    this.#known.add(name);
    const values = this.#parameters.getAll(name);
    if (values.length > 1) this.problem(`${name} is given ${values.length} times: give it once`);
    return values[0];
  }

  /** Reads a list of words, separated by commas or in repeated parameters; `undefined` if absent. */
  words<Word extends string>(name: string, allowed: readonly Word[]): Word[] | undefined {
    this.#known.add(name);
    const words = this.#parameters.getAll(name).flatMap((text) => text.split(",")).filter((word) => word !== "");
    for (const word of words) {
      if (!(allowed as readonly string[]).includes(word)) {
        this.problem(`${name} must be one of ${allowed.join(", ")}: it is ${quote(word)}`);
      }
    }
    return words.length === 0 ? undefined : words as Word[];
  }

  /** An integer. */
  integer(name: string, bounds: IntegerBounds): number {
    const text = this.text(name);
    if (text === undefined || text === "") return bounds.default;
    const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
    if (value >= bounds.min && value <= bounds.max) return value;
    this.problem(`${name} must be an integer from ${bounds.min} to ${bounds.max}: it is ${quote(text)}`);
    return bounds.default;
  }

  /** Reads a time, in RFC 3339 or ms since 1970; `undefined` if absent. The result is in ms since 1970. */
  time(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const time = /^\d{1,15}$/.test(text) ? Number(text) : /^\d{4}-\d\d-\d\d(?:T|$)/.test(text) ? Date.parse(text) : NaN;
    // The range of Date.
    if (Math.abs(time) <= 8.64e15) return time;
    this.problem(`${name} must be a time such as 2026-12-01T00:00:00Z, or ms since 1970: it is ${quote(text)}`);
    return undefined;
  }

  /** Reads a duration in ms; `undefined` if absent. */
  duration(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    if (DURATION.test(text) && parseDuration(text) > 0) return parseDuration(text);
    this.problem(`${name} must be a duration such as 24h or 90d: it is ${quote(text)}`);
    return undefined;
  }

  /** Adds a problem. */
  problem(message: string): void {
    this.#problems.push(message);
  }

  /**
   * Ends the reading.
   *
   * @throws {HttpError} If parameters are invalid or unknown. The message has one line per problem.
   */
  end(): void {
    const unknown = new Set(this.#parameters.keys()).difference(this.#known);
    for (const name of unknown) {
      this.problem(`Unknown parameter ${quote(name)}: known are ${[...this.#known].join(", ") || "none"}`);
    }
    if (this.#problems.length > 0) throw new HttpError(400, this.#problems.join("\n"));
  }
}
