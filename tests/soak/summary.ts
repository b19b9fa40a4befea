/** The summary of the soak. */

import type { Counters } from "../support/counters.ts";
import { proves } from "../support/evidence.ts";
import { seen } from "./balance.ts";
import { growth, type Reading } from "./memory.ts";
import { show } from "./numbers.ts";
import type { Tally } from "./tally.ts";

/** Content of the summary. */
export interface Summary {
  readonly seed: number;
  readonly minutes: number;
  readonly phases: number;
  readonly total: Tally;
  readonly counted: Counters;
  /** Number of accepted connections; absent if the soak failed before it was read. */
  readonly accepted: number | undefined;
  /** Descriptors and threads of engines, at the start and at the end. */
  readonly left: readonly string[];
  readonly readings: readonly Reading[];
}

/** Formats the summary. */
export function summarize({ seed, minutes, phases, total, counted, accepted, left, readings }: Summary): string {
  const seconds = minutes * 60;
  return [
    `Seed ${seed}: ${show(total.checks)} checks in ${show(seconds)} s and ${phases} phases, ` +
    `${show(total.checks / seconds)} a second`,
    `Outcomes: ${list(Object.entries(total.outcomes))}`,
    `Segments: ${segments(counted)}; accept() returned: ${accepted ?? "not counted"}`,
    `Descriptors and threads: ${left.join(" -> ")}`,
    `Memory: ${memory(readings)}`,
  ].join("\n");
}

/** Records the evidence. */
export function prove({ total, counted, accepted, left, readings }: Summary): void {
  const test = { name: "deno task soak", origin: new URL("main.ts", import.meta.url).href };
  const checks = `${show(total.checks)} checks`;
  proves(test, "once", `${checks}: ${list(Object.entries(total.outcomes))}`);
  proves(test, "segments", `${checks}: ${segments(counted)}`);
  proves(test, "invisible", `${show(seen(counted).open)} handshakes begun, accept() returned ${accepted} times`);
  proves(test, "nothingLeft", `${checks}: ${left.join(" -> ")}; memory ${memory(readings)}`);
}

function segments(counted: Counters): string {
  const { open, closed, silent } = seen(counted);
  return list([["SYN", open + closed + silent], ["SYN-ACK", open], ["RST", open + closed]]);
}

function memory(readings: readonly Reading[]): string {
  if (readings.length === 0) return "not read";
  const [first, last] = [readings[0], readings[readings.length - 1]].map(({ all }) => show(all / 1024));
  const growths = growth(readings).map(({ part, slope, limit }) => {
    return `${part} ${show(slope)}${Number.isFinite(limit) ? ` (limit ${show(limit)})` : ""}`;
  });
  const reported = growths.length > 0
    ? `growth in KB a minute: ${growths.join(", ")}`
    : "too short a run to tell growth";
  return `${first} -> ${last} MB; ${reported}`;
}

function list(counts: [string, number][]): string {
  return counts.map(([name, count]) => `${show(count)} ${name}`).join(", ");
}
