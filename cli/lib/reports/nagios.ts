/** Report of a monitoring plugin: https://www.monitoring-plugins.org/doc/guidelines.html */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import { print } from "../output.ts";
import { Tally } from "../tally.ts";
import type { CheckRequest } from "../target.ts";
import { isFullConnect, resultColumns } from "../text.ts";
import { MAX_ENTRIES, nagiosLine, type State, STATES } from "./nagios_line.ts";
import type { Report } from "./report.ts";

/** Options of the report. */
export interface NagiosOptions {
  /** The required number of targets that are up; all if absent. */
  readonly minUp: number | undefined;
  /** The timeout of a check, in ms: the maximum of the round-trip times. */
  readonly timeout: number;
  /** Whether a name has one result per address (`--resolve all`). */
  readonly eachAddress: boolean;
  /** Returns reasons why this number of results may be incomplete. */
  readonly caveats: (results: number) => string[];
}

/** The text or the metric of one result. */
interface Entry {
  /** The number of the check, which is the position of its target. */
  readonly number: number;
  readonly target: string;
  /** The address, if the target has one result per address. */
  readonly address: string | undefined;
  readonly text: string;
}

/** Collects results, and prints one line at the end. */
export class NagiosReport implements Report {
  readonly #options: NagiosOptions;
  readonly #tally = new Tally();
  #fullConnects = 0;
  readonly #problems = new FirstEntries();
  readonly #times = new FirstEntries();

  /** @param options The options. */
  constructor(options: NagiosOptions) {
    this.#options = options;
  }

  /** The exit status. */
  get exitStatus(): number {
    return STATES.indexOf(this.#state);
  }

  add({ target, number }: CheckRequest, result: CheckResult): void {
    this.#tally.add(result);
    if (isFullConnect(result)) this.#fullConnects++;
    const address = this.#options.eachAddress && target.isName ? result.address?.hostname : undefined;
    const entry = { number, target: target.text, address };
    if (result.status !== "up") this.#problems.add({ ...entry, text: resultColumns(target, result).join(" ") });
    const value = result.status === "up" ? `${result.rtt.toFixed(3)}ms` : "U";
    this.#times.add({ ...entry, text: `${value};;;0;${this.#options.timeout}` });
  }

  end(): void {
    const { up, total } = this.#tally;
    const { minUp, caveats } = this.#options;
    const problems = this.#problems.first;
    print(nagiosLine({
      state: this.#state,
      summary: [
        ...caveats(total),
        `${up}/${total} up`,
        ...this.#fullConnects === 0 ? [] : [`${this.#fullConnects} by full connects`],
      ].join(", "),
      problems: problems.map(({ target, text }) => `${target} ${text}`),
      omitted: total - up - problems.length,
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
    const { up, total, localFailures } = this.#tally;
    const { minUp, caveats } = this.#options;
    if (caveats(total).length > 0) return "UNKNOWN";
    if (up === total && up >= (minUp ?? 0)) return "OK";
    if (up >= (minUp ?? total)) return "WARNING";
    return up + localFailures >= (minUp ?? total) ? "UNKNOWN" : "CRITICAL";
  }
}

/** Bounded sorted list: keeps the first {@linkcode MAX_ENTRIES} entries in the order of the targets. */
class FirstEntries {
  readonly #entries: Entry[] = [];

  add(entry: Entry): void {
    const entries = this.#entries;
    if (entries.length === MAX_ENTRIES && compare(entry, entries[MAX_ENTRIES - 1]) >= 0) return;
    // Insertion sort from the end, because most results arrive nearly in order.
    let index = entries.length;
    while (index > 0 && compare(entry, entries[index - 1]) < 0) index--;
    entries.splice(index, 0, entry);
    if (entries.length > MAX_ENTRIES) entries.pop();
  }

  /** The entries, in order. */
  get first(): readonly Entry[] {
    return this.#entries;
  }
}

/** Compares by target, then by address, because resolvers change the order of a name's addresses. */
function compare(a: Entry, b: Entry): number {
  const [first, second] = [a.address ?? "", b.address ?? ""];
  return a.number - b.number || (first < second ? -1 : Number(first > second));
}
