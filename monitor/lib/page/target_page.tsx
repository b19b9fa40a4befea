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
import type { Span } from "../status/timelines.ts";
import type { TargetState } from "../target_state.ts";
import { renderDocument } from "./document.tsx";
import { listHref, NO_GROUP } from "./html/links.ts";
import { Bars, type BarStep, summaryText } from "./parts/bars.tsx";
import { EventList, type ListedEvent } from "./parts/events.tsx";
import { Mark } from "./parts/mark.tsx";
import { Plot, type PlotData } from "./parts/plot.tsx";
import { Ago, Time } from "./parts/time.tsx";
import { WitnessTable } from "./parts/witnesses.tsx";
import { countText, rttText, shareText, spanText, STATE_NAMES } from "./html/text.ts";

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
  readonly plot: PlotData;
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
  const { id, group, labels } = state;
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
            `, ${state.turning.count} of ${state.turning.of} contrary results`}
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
        <Plot plot={model.plot} spans={model.spans} at={at} id={id} />
      </section>
      <section id="last" data-live="" aria-labelledby="last-heading">
        <h2 id="last-heading">{state.witnesses === undefined ? "Last check" : "Witnesses"}</h2>
        <LastCheck {...model} />
      </section>
      <section id="events" data-live="" aria-labelledby="events-heading">
        <h2 id="events-heading">Events</h2>
        <EventList events={events} empty="No events of this target yet." root="../" isOfOne />
      </section>
    </>
  );
}

function LastCheck({ at, state: { witnesses, result } }: TargetModel) {
  if (witnesses !== undefined) return <WitnessTable witnesses={witnesses} now={at} />;
  if (result === undefined) return <p class="empty">No check has ended yet.</p>;
  return (
    <ol class="steps">
      {explainSteps(result).map((step) => <li>{printable(step)}</li>)}
      <li>
        status: <strong>{result.status}</strong>, {result.mode === "full" ? "by a full connect" : "half-open"}
      </li>
    </ol>
  );
}

function Facts({ state, uptimes }: TargetModel) {
  const { id, target, result, checks, failures, neutral, rttSum = 0, downtime, transitions } = state;
  const passed = checks - failures - neutral;
  const address = result?.address?.hostname;
  const facts: [name: string, value: string, note?: string][] = [
    // If the address is the id, it is the heading already.
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
