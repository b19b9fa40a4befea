/**
 * Lateness of an engine: if its thread gets no CPU for 190 ms, the kernel sends a delayed ACK; if it gets none for 100 ms,
 * the kernel retransmits a SYN before the engine sends one from another port.
 */

import type { CheckResult } from "../../mod.ts";
import type { Segment, Wire } from "./lab.ts";

/** Minimum time in ms for which the kernel delays an ACK: `TCP_DELACK_MAX` minus a jiffy. */
export const HELD_BACK_MS = 190;

/**
 * Counts the half-open checks whose ACK may have been sent because the RST was late. Any other ACK is a fault of the
 * engine.
 */
export function countLate(results: readonly CheckResult[]): number {
  const full = results.filter(({ mode }) => mode === "full");
  const early = full.find(({ duration }) => duration < HELD_BACK_MS);
  if (early !== undefined) throw new Error(`An ACK was sent although the RST was not late: ${Deno.inspect(early)}`);
  return full.length;
}

/**
 * Asserts that ACKs were sent only to hosts for which the engine was late, and that the results report them.
 *
 * @param results The result of each host.
 * @param hosts The hosts, each checked once.
 * @param wire The log of the wire.
 * @returns The number of ACKs.
 */
export function countReportedAcks(results: readonly CheckResult[], hosts: readonly string[], wire: Wire): number {
  let count = 0;
  for (const [i, host] of hosts.entries()) {
    // The engine can't reset an answer that was lost.
    const segments = wire.with(host).filter(({ from, lost }) => from === "client" || lost === undefined);
    const acks = segments.filter(({ from, kind }) => from === "client" && kind === "ACK");
    if (acks.length === 0) continue;
    if (results[i].mode !== "full") throw new Error(`An ACK was not reported: ${Deno.inspect(results[i])}`);
    if (!isLate(segments)) throw new Error(`An ACK was sent although the RST was not late: ${Deno.inspect(segments)}`);
    count += acks.length;
  }
  return count;
}

/**
 * Whether the engine's thread was late for a host, by the host's segments: the kernel retransmitted the first SYN, or a
 * SYN-ACK has no RST within the time for which the kernel delays its ACK.
 */
export function isLate(segments: readonly Segment[]): boolean {
  const [first, second] = segments.filter(({ kind }) => kind === "SYN");
  if (second !== undefined && second.client === first.client) return true;
  return segments.some(({ kind, client, at }) => {
    if (kind !== "SYN-ACK") return false;
    const reset = segments.find((segment) => segment.kind === "RST" && segment.client === client && segment.at >= at);
    return reset === undefined || (reset.at - at) / 1000 >= HELD_BACK_MS;
  });
}
