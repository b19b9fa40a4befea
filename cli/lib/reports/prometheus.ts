/**
 * Metrics in Prometheus' text exposition format 0.0.4, for the textfile collector of node_exporter.
 * docs/prometheus.md describes each.
 */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import { Family, labelText } from "@tcp-shaker/monitor/exposition";
import { printable } from "@tcp-shaker/tcp-shaker/quote";
import { print } from "../output.ts";
import { isLocalFailure } from "../local_failure.ts";
import { STATUSES, Tally } from "../tally.ts";
import type { CheckRequest } from "../target.ts";
import type { Report } from "./report.ts";

/** Options of the report. */
export interface PrometheusOptions {
  /** Whether a name has one result per address (`--resolve all`), which gives the series a label `address`. */
  readonly eachAddress: boolean;
  /** Whether the exit status depends on the targets (`--min-up`). */
  readonly isJudged: boolean;
  /** Returns reasons why this number of results may be incomplete. */
  readonly caveats: (results: number) => string[];
}

/** The last result of a series. */
interface Sample {
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly number: number;
  readonly result: CheckResult;
}

/** Collects results, and prints them at the end, because the samples of a metric must follow each other. */
export class PrometheusReport implements Report {
  readonly #options: PrometheusOptions;
  readonly #tally = new Tally();
  /** By labels, because a series may occur only once. */
  readonly #samples = new Map<string, Sample>();

  /** @param options The options. */
  constructor(options: PrometheusOptions) {
    this.#options = options;
  }

  /** 0 if the metrics are complete, whether or not the targets are up, so that `&& mv` keeps them. */
  get exitStatus(): number | undefined {
    const { isJudged, caveats } = this.#options;
    return isJudged || caveats(this.#tally.total).length > 0 ? undefined : 0;
  }

  add({ target, number }: CheckRequest, result: CheckResult): void {
    this.#tally.add(result);
    const address = this.#options.eachAddress && target.isName ? result.address?.hostname : undefined;
    const labels = [
      ["target", target.text] as const,
      ...address === undefined ? [] : [["address", printable(address)] as const],
    ];
    const key = labelText(labels);
    // If a target is given twice, its last check counts.
    const known = this.#samples.get(key);
    if (known === undefined || known.number < number) this.#samples.set(key, { labels, number, result });
  }

  end(): void {
    const samples = [...this.#samples.values()].sort(bySequence);
    const results = new Family("tcp_check_results", "gauge", "Results of the run by status.");
    for (const status of STATUSES) results.add(this.#tally.counts[status], labelText([["status", status]]));
    print([results, ...families(samples)].map((family) => family.text()).join("").trimEnd());
  }
}

/** Compares by target, then by address, because resolvers change the order of a name's addresses. */
function bySequence(a: Sample, b: Sample): number {
  const [first, second] = [labelText(a.labels), labelText(b.labels)];
  return a.number - b.number || (first < second ? -1 : Number(first > second));
}

/** The metrics, and how to read each from a result; `undefined` for no sample. */
const METRICS: readonly [name: string, help: string, value: (result: CheckResult) => number | undefined][] = [
  ["up", "Whether the target is up; absent if this host could not check it.", upValue],
  [
    "rtt_seconds",
    "Round-trip time of the handshake, if the target is up.",
    (r) => "rtt" in r ? r.rtt / 1000 : undefined,
  ],
  ["duration_seconds", "Time from the start of the check to its result.", (r) => r.duration / 1000],
  ["dns_seconds", "Time of name resolution.", (r) => r.dnsTime / 1000],
  ["retransmits", "Retransmits of the SYN.", (r) => "retransmits" in r ? r.retransmits : undefined],
];

function families(samples: readonly Sample[]): Family[] {
  const info = new Family("tcp_check_result_info", "gauge", "The result in labels; the value is 1.");
  for (const { labels, result } of samples) {
    const code = "code" in result ? result.code : "phase" in result ? result.phase : "";
    const { status, mode, engine } = result;
    const details = [["status", status], ["code", code], ["mode", mode], ["engine", engine]] as const;
    info.add(1, labelText([...labels, ...details]));
  }
  const values = METRICS.map(([name, help, valueOf]) => {
    const family = new Family(`tcp_check_${name}`, "gauge", help);
    for (const { labels, result } of samples) {
      const value = valueOf(result);
      if (value !== undefined) family.add(Number(value.toFixed(6)), labelText(labels));
    }
    return family;
  });
  return [...values, info];
}

function upValue(result: CheckResult): number | undefined {
  return isLocalFailure(result) ? undefined : Number(result.status === "up");
}
