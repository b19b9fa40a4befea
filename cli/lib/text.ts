/** How results and times are written. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import { printable } from "@tcp-shaker/tcp-shaker/quote";
import type { Target } from "./targets/target.ts";

/** What comes between the columns of a line. */
export const GAP = "  ";

/**
 * The columns about a result: the status, the round trip time or the cause, the address if the target is a name, and a
 * word of warning if it was up by a full connect.
 *
 * @param target What was checked.
 * @param result What came of it.
 * @returns Two to four columns.
 */
export function resultColumns(target: Target, result: CheckResult): string[] {
  const columns = [result.status, detail(result)];
  if (target.isName && result.address !== undefined) columns.push(printable(result.address.hostname));
  if (isFullConnect(result)) columns.push("full connect");
  return columns;
}

/** Whether the application saw a connection. The mode of a target that is not up tells only how it was checked. */
export function isFullConnect({ mode, status }: CheckResult): boolean {
  return mode === "full" && status === "up";
}

/**
 * Writes a time as Go does, in ms or s.
 *
 * @param ms The time.
 * @returns `"1.234ms"`, `"2.5s"`.
 */
export function durationText(ms: number): string {
  return ms < 1000 ? `${Number(ms.toFixed(3))}ms` : `${Number((ms / 1000).toFixed(3))}s`;
}

/**
 * Writes a time as clocks do.
 *
 * @param ms The time.
 * @returns `"0:07"`, `"12:34"`, `"1:02:03"`.
 */
export function clockText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  if (parts[0] === 0) parts.shift();
  return parts.map((part, i) => i === 0 ? String(part) : String(part).padStart(2, "0")).join(":");
}

/**
 * Writes how often SYNs were sent again.
 *
 * @param count How often.
 * @returns `", 1 retransmit"`; nothing if they were not.
 */
export function retransmitsText(count: number): string {
  return count === 0 ? "" : `, ${count} retransmit${count === 1 ? "" : "s"}`;
}

/**
 * Writes how long something lasted, in its two largest units.
 *
 * @param ms How long, in ms.
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

/** What a result has beside its status: the round trip time, the phase or the cause. */
export function detail(result: CheckResult): string {
  switch (result.status) {
    case "up":
      return `${result.rtt.toFixed(3)} ms${retransmitsText(result.retransmits)}`;
    case "timeout":
      return (result.phase === "connect" ? "no answer" : "name lookup") + retransmitsText(result.retransmits);
    case "unresolved":
      return result.code === "SINKHOLE" ? "SINKHOLE (it has only 0.0.0.0 or ::)" : result.code;
    case "denied":
      return "no SYN sent";
    default:
      return result.code;
  }
}
