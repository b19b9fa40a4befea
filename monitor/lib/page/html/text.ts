/** Formatting of times, durations, percentages, results and events for the page. */

import { printable } from "@tcp-shaker/tcp-shaker/quote";
import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import type { MonitorEvent } from "../../event.ts";
import type { StateTimes } from "../../history/uptime.ts";
import type { State } from "../../state.ts";
import { TIMEOUT_TEXTS } from "../../timeout_text.ts";

/** Display names of states. */
export const STATE_NAMES: Readonly<Record<State | "degraded" | "flapping", string>> = {
  up: "Up",
  down: "Down",
  unknown: "Unknown",
  maintenance: "Maintenance",
  degraded: "Degraded",
  flapping: "Flapping",
};

const UNITS = [["d", 86_400_000], ["h", 3_600_000], ["min", 60_000], ["s", 1000]] as const;

/**
 * Formats a duration in its two largest units.
 *
 * @param ms The duration in ms.
 * @returns `"12 min 5 s"`, `"9 d 4 h"`, `"0 s"`.
 */
export function spanText(ms: number): string {
  const rounded = Math.max(0, Math.round(ms / 1000) * 1000);
  const first = UNITS.findIndex(([, size]) => rounded >= size);
  if (first < 0) return "0 s";
  const [[name, size], next] = UNITS.slice(first);
  const rest = next === undefined ? 0 : Math.floor(rounded % size / next[1]);
  return `${Math.floor(rounded / size)} ${name}${rest > 0 ? ` ${rest} ${next[0]}` : ""}`;
}

/** Formats a time in UTC: `"2026-12-01 14:05:09"`. */
export function timeText(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace("T", " ");
}

/**
 * Formats a share in percent: 100 % or 0 % only if the share is exactly 1 or 0.
 *
 * @returns `"99.97 %"`.
 */
export function shareText(share: number): string {
  const percent = share * 100;
  if (percent === 0 || percent === 100) return `${percent} %`;
  return `${Math.min(99.99, Math.max(0.01, percent)).toFixed(2)} %`;
}

/** Formats a number with separators: `"10,000"`. */
export function countText(count: number): string {
  return count.toLocaleString("en-US");
}

/** Formats a count with its noun: `"1 target"`, `"10,000 targets"`. */
export function numberOf(count: number, thing: string): string {
  return `${countText(count)} ${thing}${count === 1 ? "" : "s"}`;
}

/** Formats a round-trip time, in ms. */
export function rttText(rtt: number): string {
  return `${rtt < 10 ? rtt.toFixed(2) : rtt < 100 ? rtt.toFixed(1) : rtt.toFixed(0)} ms`;
}

/** Formats the time in each state: `"up 48 min, down 12 min"`. */
export function timesText(times: StateTimes, duration: number): string {
  const names = ["up", "down", "unknown", "maintenance"] as const;
  const parts = names.flatMap((name) => {
    if (times[name] < 1) return [];
    return times[name] >= duration * 0.999 ? [`${name} all the time`] : [`${name} ${spanText(times[name])}`];
  });
  return parts.join(", ") || "unknown";
}

/** Formats a result: `"refused, ECONNREFUSED"`, `"up, 1.20 ms"`. */
export function resultText(result: Pick<CheckResult, "status">): string {
  const { status, rtt, code, phase } = result as {
    status: string;
    rtt?: number;
    code?: string;
    phase?: keyof typeof TIMEOUT_TEXTS;
  };
  if (rtt !== undefined) return `${status}, ${rttText(rtt)}`;
  if (code !== undefined) return `${status}, ${printable(code)}`;
  return phase === undefined ? status : TIMEOUT_TEXTS[phase];
}

/** Describes an event, without the name of its target. */
export function eventText(event: MonitorEvent): string {
  switch (event.type) {
    case "transition": {
      const { from, to, result, reason: given, count, of, duration, initial } = event;
      const reason = result === undefined
        ? (given === undefined ? "" : `: ${given}`)
        : `: ${to === "up" && result.status === "up" ? rttText(result.rtt) : resultText(result)}`;
      const times = of > 1 ? ` (${count} of ${of})` : "";
      return `${to}${reason}${times}${initial ? "" : `, after ${spanText(duration)} ${from}`}`;
    }
    case "degraded":
    case "flapping":
      return event.active ? event.type : `no longer ${event.type}`;
    case "disagreement":
      return event.active
        ? `the witnesses disagree: ${event.zones?.join(", ") || "some"} say ${event.state ?? "otherwise"}`
        : "the witnesses agree again";
    case "added":
    case "removed":
      return event.type;
    case "maintenance":
      return event.active
        ? `maintenance begins${event.reason === undefined ? "" : `: ${event.reason}`}`
        : `maintenance ends after ${spanText(event.duration)}`;
    case "storm": {
      const where = event.group === undefined ? "" : ` in group ${event.group || "(none)"}`;
      return event.active
        ? `Storm${where}: ${countText(event.count)} of ${countText(event.of)} targets went down within ${
          spanText(event.within)
        }. Perhaps this host or its network is at fault`
        : `Storm${where} ended after ${spanText(event.within)}: ${numberOf(event.count, "target")} went down`;
    }
    case "trouble":
      return event.active
        ? `Trouble on this host: ${countText(event.count)} of ${
          countText(event.of)
        } checks said nothing about their targets (${event.reason})`
        : "The trouble on this host has ended";
    case "overload":
      return event.active ? "Overload: more checks are due than can start" : "The overload has ended";
    case "lost":
      return "Some events are missing here";
  }
}

/** The state after an event, for its mark. */
export function stateOfEvent(event: MonitorEvent): State | "degraded" | "flapping" | "notice" {
  if (event.type === "transition" || event.type === "maintenance") return event.to;
  if (event.type === "degraded" || event.type === "flapping") return event.active ? event.type : "up";
  if (event.type === "disagreement") return event.active ? "degraded" : "up";
  return "notice";
}
