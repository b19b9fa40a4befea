/** Formats results and times as text. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import { printable } from "@tcp-shaker/tcp-shaker/quote";
import type { Target } from "./target.ts";

export { durationText } from "@tcp-shaker/monitor/explain";

/** The gap between the columns of a line. */
export const GAP = "  ";

/**
 * Formats a result as columns: the status, the round-trip time or the cause, the address if the target is a name, and
 * `full connect` if the handshake was completed.
 *
 * @param target The target.
 * @param result The result.
 * @returns Two to four columns.
 */
export function resultColumns(target: Target, result: CheckResult): string[] {
  const columns = [result.status, detailText(result)];
  if (target.isName && result.address !== undefined) columns.push(printable(result.address.hostname));
  if (isFullConnect(result)) columns.push("full connect");
  return columns;
}

/**
 * Formats a result as one phrase.
 *
 * @param result The result.
 * @returns `"refused ECONNREFUSED"`, `"up 1.234 ms full connect"`.
 */
export function statusText(result: CheckResult): string {
  return [result.status, detailText(result), ...isFullConnect(result) ? ["full connect"] : []].join(" ");
}

/** Whether the handshake was completed, so that the application saw a connection. */
export function isFullConnect({ mode, status }: CheckResult): boolean {
  return mode === "full" && status === "up";
}

/**
 * Formats a duration with colons.
 *
 * @param ms The duration, in ms.
 * @returns `"0:07"`, `"12:34"`, `"1:02:03"`.
 */
export function clockText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  if (parts[0] === 0) parts.shift();
  return parts.map((part, i) => i === 0 ? String(part) : String(part).padStart(2, "0")).join(":");
}

/**
 * Formats the time of day.
 *
 * @param time The time, in ms since 1970.
 * @returns The local time: `"12:34:56"`.
 */
export function timeOfDay(time: number): string {
  const date = new Date(time);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, "0")).join(":");
}

/**
 * Formats the number of retransmits as a suffix.
 *
 * @param count The number.
 * @returns `", 1 retransmit"`; "" for none.
 */
function retransmitsText(count: number): string {
  return count === 0 ? "" : `, ${count} retransmit${count === 1 ? "" : "s"}`;
}

/**
 * Formats a duration in its two largest units.
 *
 * @param ms The duration, in ms.
 * @returns `"4.2s"`, `"12m 5s"`, `"2h 3m"`, `"9d 4h"`.
 */
export function spanText(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 60) return `${Number(seconds.toFixed(1))}s`;
  const units = [["d", 86_400], ["h", 3600], ["m", 60], ["s", 1]] as const;
  const first = units.findIndex(([, size]) => seconds >= size);
  const [[name, size], [nextName, nextSize]] = units.slice(first);
  const rest = Math.floor(seconds % size / nextSize);
  return `${Math.floor(seconds / size)}${name}${rest > 0 ? ` ${rest}${nextName}` : ""}`;
}

/**
 * Formats a share as a percentage with at most one decimal.
 *
 * @param share The share, 0 to 1.
 * @returns `"0%"`, `"33.3%"`.
 */
export function percentText(share: number): string {
  return `${Number((share * 100).toFixed(1))}%`;
}

/** Texts for the phase of a timeout. */
const PHASES = { connect: "no answer", resolve: "name lookup", queue: "in a local queue" } as const;

/**
 * Formats the detail of a result: the round-trip time, the phase or the error code.
 *
 * @param result The result.
 * @returns `"1.234 ms"`, `"no answer, 1 retransmit"`, `"ECONNREFUSED"`.
 */
export function detailText(result: CheckResult): string {
  switch (result.status) {
    case "up":
      return `${result.rtt.toFixed(3)} ms${retransmitsText(result.retransmits)}`;
    case "timeout":
      return PHASES[result.phase] + retransmitsText(result.retransmits);
    case "unresolved":
      return result.code === "SINKHOLE" ? "SINKHOLE (only 0.0.0.0 or ::)" : result.code;
    case "denied":
      return "no SYN sent";
    default:
      return result.code;
  }
}
