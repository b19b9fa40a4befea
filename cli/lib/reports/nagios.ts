/** A monitoring plugin's answer: https://www.monitoring-plugins.org/doc/guidelines.html */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import { print } from "../output.ts";
import { Tally } from "../tally.ts";
import type { Request } from "../targets/target.ts";
import { resultColumns } from "../text.ts";
import { MAX_ENTRIES, nagiosLine, type State, STATES } from "./nagios_line.ts";
import type { Report } from "./report.ts";

/** How results are judged and told. */
export interface NagiosOptions {
  /** How many that are up are enough. */
  readonly minUp: number | undefined;
  /** The highest round trip time there can be, in ms. */
  readonly timeout: number;
  /** Whether there is a result for each address of a name, `--resolve all`. */
  readonly eachAddress: boolean;
  /** Says why so many results may not be all. */
  doubts(results: number): string[];
}

/** What came of one check, for the line. */
interface Entry {
  /** The place of the target. */
  readonly number: number;
  readonly target: string;
  /** The address, where a target has a result for each of its addresses. */
  readonly address: string | undefined;
  readonly text: string;
}

/** Gathers results for one line. */
export class Nagios implements Report {
  readonly #options: NagiosOptions;
  readonly #tally = new Tally();
  /** How many were up by a full connect. */
  #full = 0;
  readonly #troubles = new Entries();
  readonly #times = new Entries();

  constructor(options: NagiosOptions) {
    this.#options = options;
  }

  /** The exit status. */
  get exitStatus(): number {
    return STATES.indexOf(this.#state);
  }

  take({ target, number }: Request, result: CheckResult): void {
    this.#tally.add(result.status);
    if (result.status === "up" && result.mode === "full") this.#full++;
    const address = this.#options.eachAddress && target.isName ? result.address?.hostname : undefined;
    const entry = { number, target: target.text, address };
    if (result.status !== "up") this.#troubles.add({ ...entry, text: resultColumns(target, result).join(" ") });
    const value = result.status === "up" ? `${result.rtt.toFixed(3)}ms` : "U";
    this.#times.add({ ...entry, text: `${value};;;0;${this.#options.timeout}` });
  }

  end(): void {
    const { up, total } = this.#tally;
    const { minUp, doubts } = this.#options;
    const troubles = this.#troubles.first;
    print(nagiosLine({
      state: this.#state,
      summary: [
        ...doubts(total),
        `${up}/${total} up`,
        ...this.#full === 0 ? [] : [`${this.#full} by full connects`],
      ].join(", "),
      troubles: troubles.map(({ target, text }) => `${target} ${text}`),
      left: total - up - troubles.length,
      performance: [
        { label: "up", value: `${up};;${minUp === undefined ? "" : `${minUp}:`};0;${total}` },
        ...this.#times.first.map(({ target, address, text }) => ({
          label: address === undefined ? target : `${target} ${address}`,
          value: text,
        })),
      ],
    }));
  }

  get #state(): State {
    const { up, total, counts } = this.#tally;
    const { minUp, doubts } = this.#options;
    if (doubts(total).length > 0) return "UNKNOWN";
    if (up === total && up >= (minUp ?? 0)) return "OK";
    if (up >= (minUp ?? total)) return "WARNING";
    return up + counts["local-error"] >= (minUp ?? total) ? "UNKNOWN" : "CRITICAL";
  }
}

/** Entries that the line has room for: the first ones in the order of the targets, whatever the order they come in. */
class Entries {
  readonly #entries: Entry[] = [];

  add(entry: Entry): void {
    const entries = this.#entries;
    if (entries.length === MAX_ENTRIES && compare(entry, entries[MAX_ENTRIES - 1]) >= 0) return;
    // From the end, where most belong.
    let place = entries.length;
    while (place > 0 && compare(entry, entries[place - 1]) < 0) place--;
    entries.splice(place, 0, entry);
    if (entries.length > MAX_ENTRIES) entries.pop();
  }

  /** Them, in their order. */
  get first(): readonly Entry[] {
    return this.#entries;
  }
}

/** By target, and then by address: resolvers give the addresses of a name in another order each time. */
function compare(a: Entry, b: Entry): number {
  const [first, second] = [a.address ?? "", b.address ?? ""];
  return a.number - b.number || (first < second ? -1 : Number(first > second));
}
