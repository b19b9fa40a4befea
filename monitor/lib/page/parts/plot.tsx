/** Plot of round-trip times, the band of states below it, and the numbers as a table. */

/**
 * @jsxRuntime classic
 * @jsx h
 * @jsxFrag Fragment
 */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h() and Fragment()

import { Fragment, h } from "../html/h.ts";
import { countText, rttText, shareText, spanText, timeText } from "../html/text.ts";
import type { QuantilePoint } from "../../status/series.ts";
import type { Span } from "../../status/timelines.ts";
import { Time } from "./time.tsx";

/** The latest round-trip times, and the query that reads them again. */
export interface PlotData {
  readonly points: readonly QuantilePoint[];
  readonly step: number;
  readonly range: number;
  /** Whether the points have percentiles of the round-trip times, or only the mean. */
  readonly middle: "p50" | "Mean";
}

/** Number of rows of the table. */
const MAX_ROWS = 60;
const BAND = { width: 1000, height: 10 };
/** Heights of the band by state. */
const HEIGHTS = { up: 6, down: 10, unknown: 3, maintenance: 4 } as const;

/** The plot of a target, which the page's script draws, with its band and its table. */
export function Plot({ plot, spans, at, id }: { plot: PlotData; spans: readonly Span[]; at: number; id: string }) {
  const { points, step, range, middle } = plot;
  return (
    <>
      <figure class="plot">
        <div
          id="plot"
          data-series={`../api/v1/targets/${encodeURIComponent(id)}/series`}
          data-step={step}
          data-range={range}
          data-middle={middle}
          hidden
        />
        <Band spans={spans} from={at - range} range={range} />
        <figcaption>The last {spanText(range)}: round-trip times above, states below</figcaption>
      </figure>
      <details>
        <summary>As a table</summary>
        <Numbers points={points.filter(({ pass, fail }) => pass + fail > 0)} middle={middle} />
      </details>
    </>
  );
}

function Band({ spans, from, range }: { spans: readonly Span[]; from: number; range: number }) {
  return (
    <svg
      class="band"
      viewBox={`0 0 ${BAND.width} ${BAND.height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`States of the last ${spanText(range)}: ${bandText(spans, from)}`}
    >
      {spans.filter(({ to }) => to > from).map(({ state, from: begin, to }) => {
        const x = Math.max(0, (begin - from) / range) * BAND.width;
        const end = Math.min(1, (to - from) / range) * BAND.width;
        const height = HEIGHTS[state];
        return (
          <rect class={state} x={x} width={Math.max(2, end - x)} y={BAND.height - height} height={height}>
            <title>{`${state}, from ${timeText(begin)} for ${spanText(to - begin)}`}</title>
          </rect>
        );
      })}
    </svg>
  );
}

function Numbers({ points, middle }: { points: readonly QuantilePoint[]; middle: PlotData["middle"] }) {
  if (points.length === 0) return <p class="empty">There are no results yet.</p>;
  return (
    <table class="numbers">
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">{middle}</th>
          <th scope="col">p95</th>
          <th scope="col">Checks</th>
          <th scope="col">Loss</th>
        </tr>
      </thead>
      <tbody>
        {points.toReversed().slice(0, MAX_ROWS).map(({ at, rttMean, p50 = rttMean, p95, pass, fail }) => (
          <tr>
            <th scope="row">
              <Time at={at} />
            </th>
            <td>{p50 === undefined ? "–" : rttText(p50)}</td>
            <td>{p95 === undefined ? "–" : rttText(p95)}</td>
            <td>{countText(pass + fail)}</td>
            <td>{shareText(fail / (pass + fail))}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function bandText(spans: readonly Span[], from: number): string {
  const shown = spans.filter(({ to }) => to > from);
  const texts = shown.slice(0, 5).map(({ state, from: begin, to }) =>
    `${state} for ${spanText(to - Math.max(begin, from))}`
  );
  return `${texts.join(", before ")}${shown.length > 5 ? `, and ${shown.length - 5} more` : ""}`;
}
