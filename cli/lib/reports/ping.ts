/** Lines as ping prints them, and its closing statistics. */

import { print } from "../output.ts";
import type { Statistics } from "../statistics.ts";
import type { Target } from "../targets/target.ts";
import { Columns } from "./columns.ts";
import { JsonLines } from "./json.ts";
import { Lines } from "./lines.ts";
import { milliseconds, SCHEMA } from "./record.ts";

/** Prints a line a check, with the number of its round; and the statistics of each target. */
export class PingLines extends Lines {
  readonly #statistics: ReadonlyMap<Target, Statistics>;

  constructor(statistics: ReadonlyMap<Target, Statistics>) {
    super(new Columns([...statistics.keys()], statistics.size > 1), ({ round }) => `[${round}] `);
    this.#statistics = statistics;
  }

  override end(): void {
    for (const [target, statistics] of this.#statistics) print(`\n${statisticsText(target, statistics)}`);
  }
}

/** Prints an object a check, and one a target at the end. */
export class PingJson extends JsonLines {
  readonly #statistics: ReadonlyMap<Target, Statistics>;

  constructor(statistics: ReadonlyMap<Target, Statistics>) {
    super();
    this.#statistics = statistics;
  }

  override end(): void {
    for (const [target, statistics] of this.#statistics) print(statisticsObject(target, statistics));
  }
}

function statisticsText({ text }: Target, statistics: Statistics): string {
  const { checks, up, loss } = statistics;
  const counts = `--- ${text} statistics ---\n${checks} sent, ${up} up, ${percent(loss)} loss`;
  const roundTrips = statistics.roundTrips();
  if (roundTrips === undefined) return counts;
  const { min, avg, p50, p99, max } = roundTrips;
  const times = [min, avg, p50, p99, max].map((time) => time.toFixed(3));
  return `${counts}\nrtt min/avg/p50/p99/max = ${times.join("/")} ms`;
}

function statisticsObject({ text }: Target, statistics: Statistics): string {
  const { checks, up, loss } = statistics;
  const roundTrips = Object.entries(statistics.roundTrips() ?? {});
  const times = Object.fromEntries(roundTrips.map(([name, time]) => [`rtt_${name}_ms`, milliseconds(time)]));
  const record = { target: text, sent: checks, up, loss: Number(loss.toFixed(6)), ...times };
  return JSON.stringify({ schema: SCHEMA, type: "statistics", ...record });
}

/** Writes a share as ping does: no digits that say nothing. */
export function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))}%`;
}
