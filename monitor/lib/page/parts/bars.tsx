/** Uptime bars: one per time step, with the share of time in each state. */

/**
 * @jsxRuntime classic
 * @jsx h
 * @jsxFrag Fragment
 */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h() and Fragment()

import { h } from "../html/h.ts";
import type { StateTimes } from "../../history/uptime.ts";
import { timesText, timeText } from "../html/text.ts";

/** Time step of a bar. */
export interface BarStep extends StateTimes {
  /** The start of the step, in ms since 1970. */
  readonly at: number;
}

/** Properties of {@linkcode Bars}. */
export interface BarsProps {
  readonly steps: readonly BarStep[];
  /** The length of a step in ms. */
  readonly step: number;
  /** Label, such as `"Last 24 h"`. */
  readonly label: string;
  /** Whether each bar has a title, in place of one summary for all bars. */
  readonly hasTitles: boolean;
}

const DAY = 86_400_000;
const HEIGHT = 24;
/** Height and class of bars with one state. Heights differ, because colour alone is not accessible. */
const KINDS = { down: 24, mixed: 24, up: 16, maintenance: 10, unknown: 8, none: 3 };

/** The bars. Renders nothing if the history is unavailable. */
export function Bars({ steps, step, label, hasTitles }: BarsProps) {
  if (steps.length === 0) return null;
  return (
    <svg
      class="bars"
      viewBox={`0 0 ${steps.length * 6 - 1} ${HEIGHT}`}
      width={steps.length * 6 - 1}
      height={HEIGHT}
      preserveAspectRatio="none"
      role="img"
      aria-label={`${label}: ${summaryText(steps, step)}`}
    >
      {steps.map((times, i) => <Bar times={times} x={i * 6} step={step} hasTitle={hasTitles} />)}
    </svg>
  );
}

function Bar({ times, x, step, hasTitle }: { times: BarStep; x: number; step: number; hasTitle: boolean }) {
  const kind = kindOf(times);
  const height = KINDS[kind];
  const down = Math.max(6, Math.round(HEIGHT * times.down / (times.up + times.down)));
  return (
    <g>
      {hasTitle && <title>{`${timeText(times.at).slice(0, 16)} UTC: ${timesText(times, step)}`}</title>}
      <rect class={kind === "mixed" ? "up" : kind} x={x} y={HEIGHT - height} width={5} height={height} />
      {kind === "mixed" && <rect class="down" x={x} y={0} width={5} height={down} />}
    </g>
  );
}

function kindOf({ up, down, unknown, maintenance }: StateTimes): keyof typeof KINDS {
  if (down >= 1) return up >= 1 ? "mixed" : "down";
  if (up >= 1) return "up";
  if (maintenance >= 1) return "maintenance";
  return unknown >= 1 ? "unknown" : "none";
}

/**
 * Formats a summary of all bars. It has no uptime, which is shown next to the bars, and whose window differs.
 *
 * @param steps The times.
 * @param step The length of a step in ms.
 * @returns `"down in 2 of 24 hours"`.
 */
export function summaryText(steps: readonly StateTimes[], step: number): string {
  if (steps.every(({ up, down }) => up + down < 1)) return "unknown";
  const downs = steps.filter(({ down }) => down >= 1).length;
  return downs === 0 ? "never down" : `down in ${downs} of ${steps.length} ${step < DAY ? "hours" : "days"}`;
}
