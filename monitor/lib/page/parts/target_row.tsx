/** Row of the list of targets. */

/**
 * @jsxRuntime classic
 * @jsx h
 * @jsxFrag Fragment
 */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h() and Fragment()

import { Fragment, h } from "../html/h.ts";
import type { Uptime } from "../../history/uptime.ts";
import type { TargetState } from "../../target_state.ts";
import { targetHref } from "../html/links.ts";
import { resultText, rttText, shareText, STATE_NAMES } from "../html/text.ts";
import { Bars, type BarStep } from "./bars.tsx";
import { Mark } from "./mark.tsx";
import { Ago } from "./time.tsx";
import { WitnessMarks } from "./witnesses.tsx";

/** History of a target in its row. */
export interface RowHistory {
  readonly steps: readonly BarStep[];
  readonly step: number;
  readonly label: string;
  readonly uptime?: Uptime;
}

/** The row. Without history, its last cell is empty. */
export function TargetRow({ state, now, history }: { state: TargetState; now: number; history?: RowHistory }) {
  const shown = state.state === "up" && state.degraded ? "degraded" : state.state;
  return (
    <tr data-id={state.id} class={shown}>
      <td class="state">
        <Mark state={shown} /> {STATE_NAMES[shown]}
        {state.flapping && <span class="flag">flapping</span>}
        {state.turning !== undefined && (
          <span class="turning" title="consecutive results that contradict the state">
            {state.turning.count}/{state.turning.of}
          </span>
        )}
      </td>
      <th scope="row" class="name">
        <a href={targetHref(state.id)}>{state.id}</a>
        <span class="detail">
          {[state.target === state.id ? "" : state.target, state.group].filter((text) => text !== "").join(" · ")}
        </span>
      </th>
      <td class="since">
        <Ago at={state.since} now={now} />
      </td>
      <td class="last">
        {state.witnesses !== undefined
          ? <WitnessMarks witnesses={state.witnesses} />
          : state.result === undefined
          ? "–"
          : state.result.status === "up"
          ? rttText(state.result.rtt)
          : resultText(state.result)}
      </td>
      <td class="past">
        {history !== undefined && (
          <>
            <Bars steps={history.steps} step={history.step} label={history.label} hasTitles />
            <span class="uptime">{history.uptime?.uptime == null ? "–" : shareText(history.uptime.uptime)}</span>
          </>
        )}
      </td>
    </tr>
  );
}
