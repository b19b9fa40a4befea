/** Alerts about one target, as a pure function of its state. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import type { TargetState } from "../target_state.ts";
import { TIMEOUT_TEXTS } from "../timeout_text.ts";
import type { Alert, AlertName } from "./alert.ts";

/** The alerts that a target can have. */
export type TargetAlertName = Extract<AlertName, "TargetDown" | "TargetDegraded" | "TargetFlapping">;

/**
 * Returns the alert that a target has in a state, at most one. A flapping target has only `TargetFlapping`, so that its
 * transitions cause no notification.
 *
 * @param state The state of the target.
 * @param current The alert that the target has.
 * @returns The alert's name; `undefined` if there is none.
 */
export function targetAlert(state: TargetState, current: TargetAlertName | undefined): TargetAlertName | undefined {
  switch (state.state) {
    case "maintenance":
      return undefined;
    case "unknown":
      // The state unknown is not a recovery.
      return current === "TargetDown" ? current : undefined;
    case "down":
      return state.flapping ? "TargetFlapping" : "TargetDown";
    case "up":
      if (state.flapping) return "TargetFlapping";
      return state.degraded ? "TargetDegraded" : undefined;
  }
}

const SUMMARIES: Readonly<Record<TargetAlertName, string>> = {
  TargetDown: "is down",
  TargetDegraded: "is up, but too many of its checks fail",
  TargetFlapping: "changes between up and down too often",
};

/**
 * Creates a target's alert.
 *
 * @param name The alert's name.
 * @param state The state of the target.
 * @param startsAt When the condition began, in ms since 1970.
 * @param result The deciding result, if there is one.
 * @returns The alert.
 */
export function makeTargetAlert(
  name: TargetAlertName,
  state: TargetState,
  startsAt: number,
  result: CheckResult | undefined,
): Alert {
  const { id, target, group, labels } = state;
  const subject = id === target ? id : `${id} (${target})`;
  const reason = name === "TargetDown" ? state.reason ?? (result && reasonOf(result)) : undefined;
  return {
    labels: { ...labels, alertname: name, id, target, ...group !== "" && { group } },
    annotations: {
      summary: `${subject} ${SUMMARIES[name]}${reason === undefined ? "" : `: ${reason}`}`,
      ...reason !== undefined && { reason },
    },
    startsAt,
  };
}

/** Returns the status of a result with its error code. */
function reasonOf(result: CheckResult): string {
  if (result.status === "timeout") return result.phase === "connect" ? "no answer" : TIMEOUT_TEXTS[result.phase];
  return "code" in result ? `${result.status} ${result.code}` : result.status;
}
