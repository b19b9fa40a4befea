/** Page of one target. */

/**
 * @jsxRuntime classic
 * @jsx h
 * @jsxFrag Fragment
 */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h() and Fragment()

import { Fragment, h } from "./html/h.ts";
import { printable } from "@tcp-shaker/tcp-shaker/quote";
import { explainSteps } from "../explain.ts";
import type { Uptime } from "../history/uptime.ts";
import type { QuantilePoint } from "../status/series.ts";
import type { Span } from "../status/timelines.ts";
import type { TargetState } from "../target_state.ts";
import { renderDocument } from "./document.tsx";
import { listHref, NO_GROUP } from "./html/links.ts";
import { Bars, type BarStep, summaryText } from "./parts/bars.tsx";
import { EventList, type ListedEvent } from "./parts/events.tsx";
import { Mark } from "./parts/mark.tsx";
import { Ago, Time } from "./parts/time.tsx";
import { WitnessTable } from "./parts/witnesses.tsx";
import { countText, rttText, shareText, spanText, STATE_NAMES, timeText } from "./html/text.ts";

/** Model of a target's page. */
export interface TargetModel {
  /** When it was read, in ms since 1970. */
  readonly at: number;
  readonly state: TargetState;
  /** Uptime by window: `"24 hours"`. */
  readonly uptimes: readonly { readonly label: string; readonly uptime?: Uptime }[];
  /** Bars by window. */
  readonly bars: readonly { readonly label: string; readonly step: number; readonly steps: readonly BarStep[] }[];
  /** The latest round-trip times, and the query that reads them again. */
  readonly plot: {
    readonly points: readonly QuantilePoint[];
    readonly step: number;
    readonly range: number;
    /** Whether the points have percentiles of the round-trip times, or only the mean. */
    readonly middle: "p50" | "Mean";
  };
  /** States within the range of the plot, newest first. */
  readonly spans: readonly Span[];
  readonly events: readonly ListedEvent[] | undefined;
  readonly historyNote: string | undefined;
}

/** Renders the page. */
export function renderTarget(model: TargetModel): string {
  const { id, state } = model.state;
  return renderDocument({
    title: `${STATE_NAMES[state]}: ${id}`,
    root: "../",
    at: model.at,
    target: id,
    children: <TargetPage {...model} />,
  });
}

function TargetPage(model: TargetModel) {
  const { at, state, bars, events, historyNote } = model;
  const { id, group, labels, result } = state;
  const shown = state.state === "up" && state.degraded ? "degraded" : state.state;
  return (
    <>
      <nav class="crumbs" aria-label="Breadcrumb">
        <a href="../">All targets</a>
        <a href={listHref({ group: group === "" ? NO_GROUP : group }, "../")}>{group === "" ? "No group" : group}</a>
      </nav>
      <section id="summary" data-live="" aria-label="State">
        <h1 class={shown}>
          <Mark state={shown} />
          <span class="name">{id}</span>
        </h1>
        <p class="verdict" role="status">
          <strong class={shown}>{STATE_NAMES[shown]}</strong> for <Ago at={state.since} now={at} />
          {state.flapping && <span class="flag">flapping</span>}
          {state.turning !== undefined &&
            `, ${state.turning.count} of ${state.turning.of} results against it`}
          {state.maintenance?.reason !== undefined && `: ${state.maintenance.reason}`}
          {state.maintenance?.until !== undefined && (
            <>
              , until <Time at={state.maintenance.until} /> UTC
            </>
          )}
        </p>
        <Facts {...model} />
        {Object.keys(labels).length > 0 && (
          <ul class="labels" aria-label="Labels">
            {Object.entries(labels).map(([name, value]) => <li>{name}={value}</li>)}
          </ul>
        )}
      </section>
      <section id="bars" data-live="" aria-labelledby="bars-heading">
        <h2 id="bars-heading">Availability</h2>
        {bars.map(({ label, step, steps }) => (
          <figure>
            <figcaption>
              <strong>Last {label}</strong> <span>{summaryText(steps, step)}</span>
            </figcaption>
            <Bars steps={steps} step={step} label={`Last ${label}`} hasTitles />
          </figure>
        ))}
        {historyNote !== undefined && <p class="hint">{historyNote}</p>}
      </section>
      <section aria-labelledby="rtt-heading">
        <h2 id="rtt-heading">Round-trip time</h2>
        <Plot {...model} />
      </section>
      <section id="last" data-live="" aria-labelledby="last-heading">
        <h2 id="last-heading">{state.witnesses === undefined ? "Last check" : "Witnesses"}</h2>
        {state.witnesses !== undefined
          ? <WitnessTable witnesses={state.witnesses} now={at} />
          : result === undefined
          ? <p class="empty">No check has ended yet.</p>
          : (
            <ol class="steps">
              {explainSteps(result).map((step) => <li>{printable(step)}</li>)}
              <li>
                status: <strong>{result.status}</strong>, {result.mode === "full" ? "by a full connect" : "half-open"}
              </li>
            </ol>
          )}
      </section>
      <section id="events" data-live="" aria-labelledby="events-heading">
        <h2 id="events-heading">Events</h2>
        <EventList events={events} empty="Nothing has happened to this target yet." root="../" isOfOne />
      </section>
    </>
  );
}

function Facts({ state, uptimes }: TargetModel) {
  const { id, target, result, checks, failures, neutral, rttSum = 0, downtime, transitions } = state;
  const passed = checks - failures - neutral;
  const address = result?.address?.hostname;
  const facts: [name: string, value: string, note?: string][] = [
    // Without an id of its own, the address is the heading.
    ...target === id ? [] : [["Address", target] as [string, string]],
    ...address === undefined || target.includes(address) ? [] : [["Probed", address] as [string, string]],
    ...uptimes.map(({ label, uptime }): [string, string, string?] => [
      `Uptime, ${label}`,
      uptime?.uptime == null ? "–" : shareText(uptime.uptime),
      uptime?.uptime == null || uptime.coverage >= 0.995 ? undefined : `${shareText(uptime.coverage)} known`,
    ]),
    ["Last round trip", result?.status === "up" ? rttText(result.rtt) : "–"],
    ["Mean round trip", passed > 0 ? rttText(rttSum / passed) : "–"],
    ["Checks", countText(checks), `${countText(failures)} failed`],
    ["Downtime", spanText(downtime)],
    ["Turns", countText(transitions)],
  ];
  return (
    <dl class="facts">
      {facts.map(([name, value, note]) => (
        <div>
          <dt>{name}</dt>
          <dd>{value}</dd>
          {note !== undefined && <dd class="note">{note}</dd>}
        </div>
      ))}
    </dl>
  );
}

const BAND = { width: 1000, height: 10 };

function Plot({ plot: { points, step, range, middle }, spans, at, state }: TargetModel) {
  const from = at - range;
  const known = points.filter(({ pass, fail }) => pass + fail > 0);
  return (
    <>
      <figure class="plot">
        <div
          id="plot"
          data-series={`../api/v1/targets/${encodeURIComponent(state.id)}/series`}
          data-step={step}
          data-range={range}
          data-middle={middle}
          hidden
        />
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
            const height = { up: 6, down: 10, unknown: 3, maintenance: 4 }[state];
            return (
              <rect class={state} x={x} width={Math.max(2, end - x)} y={BAND.height - height} height={height}>
                <title>{`${state}, from ${timeText(begin)} for ${spanText(to - begin)}`}</title>
              </rect>
            );
          })}
        </svg>
        <figcaption>The last {spanText(range)}: round-trip times above, states below</figcaption>
      </figure>
      <details>
        <summary>As a table</summary>
        {known.length === 0 ? <p class="empty">There are no results yet.</p> : (
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
              {known.toReversed().slice(0, 60).map(({ at, rttMean, p50 = rttMean, p95, pass, fail }) => (
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
        )}
      </details>
    </>
  );
}

function bandText(spans: readonly Span[], from: number): string {
  const shown = spans.filter(({ to }) => to > from);
  const texts = shown.slice(0, 5).map(({ state, from: begin, to }) =>
    `${state} for ${spanText(to - Math.max(begin, from))}`
  );
  return `${texts.join(", before that ")}${shown.length > 5 ? `, and ${shown.length - 5} more` : ""}`;
}
