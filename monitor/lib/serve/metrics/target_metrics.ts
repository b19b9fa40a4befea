/** Metrics of each target. */

import type { TargetState } from "../../target_state.ts";
import type { UptimeRatios } from "../context/uptime_cache.ts";
import { familyHead, type FamilyType, labelText, sampleText } from "./exposition.ts";

/** A family: its samples, by suffix. A value that is `undefined` has no sample. */
interface TargetFamily {
  readonly name: string;
  readonly type: FamilyType;
  readonly help: string;
  readonly samples: Readonly<Record<string, (state: TargetState) => number | undefined>>;
}

const FAMILIES: readonly TargetFamily[] = [
  {
    name: "tcp_checker_up",
    type: "gauge",
    help: "Verdict: 1 up, 0 down. Absent if unknown or in maintenance.",
    samples: { "": ({ state }) => state === "up" ? 1 : state === "down" ? 0 : undefined },
  },
  {
    name: "tcp_checker_degraded",
    type: "gauge",
    help: "Whether too many of the last checks failed.",
    samples: { "": ({ degraded }) => Number(degraded) },
  },
  {
    name: "tcp_checker_flapping",
    type: "gauge",
    help: "Whether the target changes between up and down too often.",
    samples: { "": ({ flapping }) => Number(flapping) },
  },
  {
    name: "tcp_checker_last_rtt_seconds",
    type: "gauge",
    help: "Round-trip time of the last check, if it passed.",
    samples: { "": ({ result }) => result?.status === "up" ? result.rtt / 1000 : undefined },
  },
  {
    name: "tcp_checker_rtt_seconds",
    type: "summary",
    help: "Round-trip times of checks that passed.",
    samples: {
      _sum: ({ rttSum = 0 }) => rttSum / 1000,
      _count: ({ checks, failures, neutral }) => checks - failures - neutral,
    },
  },
  {
    name: "tcp_checker_checks_total",
    type: "counter",
    help: "Completed checks.",
    samples: { "": ({ checks }) => checks },
  },
  {
    name: "tcp_checker_check_failures_total",
    type: "counter",
    help: "Checks that failed.",
    samples: { "": ({ failures }) => failures },
  },
  {
    name: "tcp_checker_neutral_checks_total",
    type: "counter",
    help: "Checks that failed on the monitor's host or in its resolver.",
    samples: { "": ({ neutral }) => neutral },
  },
  {
    name: "tcp_checker_transitions_total",
    type: "counter",
    help: "Transitions between up and down.",
    samples: { "": ({ transitions }) => transitions },
  },
  {
    name: "tcp_checker_last_transition_timestamp_seconds",
    type: "gauge",
    help: "Start of the current state, in seconds since 1970.",
    samples: { "": ({ since }) => since / 1000 },
  },
];

/** The window is in the name, because `window` may be a user-defined label. */
function uptimeFamily(window: string, ratios: UptimeRatios): TargetFamily {
  return {
    name: `tcp_checker_uptime_${window}_ratio`,
    type: "gauge",
    help: `Share of the known time of the last ${window} in which the target was up, from the history.`,
    samples: { "": ({ id }) => ratios.get(id) },
  };
}

const INFO_HEAD = familyHead("tcp_checker_target_info", "gauge", "Address of the target, in the label target.");

/** Collects the samples of targets. */
export class TargetMetrics {
  readonly #encoder = new TextEncoder();
  readonly #families: readonly TargetFamily[];
  readonly #samples: Uint8Array<ArrayBuffer>[][];
  readonly #info: Uint8Array<ArrayBuffer>[] = [];

  /** @param uptimes Uptimes by the name of their time window; none by default. */
  constructor(uptimes: ReadonlyMap<string, UptimeRatios> = new Map()) {
    this.#families = [...FAMILIES, ...uptimes.entries().map(([window, ratios]) => uptimeFamily(window, ratios))];
    this.#samples = this.#families.map(() => []);
  }

  /**
   * Adds targets. The text is encoded at once, because each garbage collection would copy it.
   *
   * @param states The states of the targets.
   */
  add(states: readonly TargetState[]): void {
    const labels = states.map(({ id, group, labels }) =>
      labelText([["id", id], ["group", group], ...Object.entries(labels)])
    );
    this.#families.forEach(({ name, samples }, f) => {
      let text = "";
      for (const [suffix, valueOf] of Object.entries(samples)) {
        states.forEach((state, i) => {
          const value = valueOf(state);
          if (value !== undefined) text += sampleText(name + suffix, labels[i], value);
        });
      }
      this.#samples[f].push(this.#encoder.encode(text));
    });
    const info = states.map(({ target }, i) => {
      const own = `${labels[i].slice(0, -1)},${labelText([["target", target]]).slice(1)}`;
      return sampleText("tcp_checker_target_info", own, 1);
    });
    this.#info.push(this.#encoder.encode(info.join("")));
  }

  /** Returns the pieces of the page. A family without samples is left out. */
  pieces(): (string | Uint8Array<ArrayBuffer>)[] {
    const heads = [...this.#families.map(({ name, type, help }) => familyHead(name, type, help)), INFO_HEAD];
    return [...this.#samples, this.#info].flatMap((pieces, i) =>
      pieces.some(({ length }) => length > 0) ? [heads[i], ...pieces] : []
    );
  }
}
