/** Reports of the witnesses of a fleet on one target. */

/**
 * @jsxRuntime classic
 * @jsx h
 * @jsxFrag Fragment
 */
// deno-lint-ignore-file verbatim-module-syntax -- JSX calls h() and Fragment()

import { h } from "../html/h.ts";
import type { WitnessState } from "../../target_state.ts";
import { STATE_NAMES } from "../html/text.ts";
import { Mark } from "./mark.tsx";
import { Ago } from "./time.tsx";

/** One mark per witness, with its zone. */
export function WitnessMarks({ witnesses }: { witnesses: readonly WitnessState[] }) {
  if (witnesses.length === 0) return <span>no witness</span>;
  return (
    <ul class="witnesses" aria-label="Witnesses">
      {byZone(witnesses).map(({ zone, agent, state, reason }) => (
        <li title={`${agent}: ${STATE_NAMES[state]}${reason === undefined ? "" : `, ${reason}`}`}>
          <Mark state={state} /> {zone}
          <span class="unseen">: {STATE_NAMES[state]}</span>
        </li>
      ))}
    </ul>
  );
}

/** Table with one row per witness. */
export function WitnessTable({ witnesses, now }: { witnesses: readonly WitnessState[]; now: number }) {
  if (witnesses.length === 0) return <p class="empty">No agent that is present checks this target.</p>;
  return (
    <table class="numbers">
      <thead>
        <tr>
          <th scope="col">Zone</th>
          <th scope="col">Agent</th>
          <th scope="col">State</th>
          <th scope="col">For</th>
          <th scope="col">Reason</th>
        </tr>
      </thead>
      <tbody>
        {byZone(witnesses).map(({ zone, agent, state, since, reason }) => (
          <tr>
            <th scope="row">{zone}</th>
            <td>{agent}</td>
            <td>
              <Mark state={state} /> {STATE_NAMES[state]}
            </td>
            <td>
              <Ago at={since} now={now} />
            </td>
            <td>{reason ?? "–"}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function byZone(witnesses: readonly WitnessState[]): WitnessState[] {
  return witnesses.toSorted((a, b) => a.zone < b.zone ? -1 : a.zone > b.zone ? 1 : a.agent < b.agent ? -1 : 1);
}
