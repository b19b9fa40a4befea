/** Results as records, for programs: what JSON and CSV have in common. docs/json.md tells of each field. */

import type { CheckResult, PeerDetails } from "@tcp-shaker/tcp-shaker";
import { printable } from "@tcp-shaker/tcp-shaker/quote";
import type { Request } from "../targets/target.ts";

/** The name of the schema. Its number goes up when a field changes its meaning or goes away, not when one is added. */
export const SCHEMA = "tcp-checker/1";

/** A result. */
export interface ResultRecord {
  readonly time: string;
  readonly target: string;
  readonly host: string;
  readonly port: number;
  readonly round: number;
  readonly status: CheckResult["status"];
  readonly address?: string;
  readonly family?: 4 | 6;
  readonly mode: CheckResult["mode"];
  readonly engine: CheckResult["engine"];
  readonly rtt_ms?: number;
  readonly retransmits?: number;
  readonly phase?: "resolve" | "connect";
  readonly code?: string;
  readonly dns_ms: number;
  readonly duration_ms: number;
  readonly queue_ms?: number;
}

/** What the SYN-ACK said, in a record. */
export interface PeerRecord {
  readonly timestamps: boolean;
  readonly sack: boolean;
  readonly ecn: boolean;
  readonly window_scale?: number;
  readonly window?: number;
  readonly mss: number;
}

/** The fields of a record, in their order. */
export const FIELDS = [
  "time",
  "target",
  "host",
  "port",
  "round",
  "status",
  "address",
  "family",
  "mode",
  "engine",
  "rtt_ms",
  "retransmits",
  "phase",
  "code",
  "dns_ms",
  "duration_ms",
  "queue_ms",
] as const satisfies (keyof ResultRecord)[];

/**
 * Makes a record.
 *
 * @param request What was checked.
 * @param result What came of it.
 * @returns The record.
 */
export function resultRecord({ target, round }: Request, result: CheckResult): ResultRecord {
  return {
    time: new Date().toISOString(),
    target: target.text,
    host: target.hostname.replace(/^\[|\]$/g, ""),
    port: target.port,
    round,
    status: result.status,
    ...result.address && { address: printable(result.address.hostname), family: result.address.family },
    mode: result.mode,
    engine: result.engine,
    ..."rtt" in result && { rtt_ms: milliseconds(result.rtt) },
    ..."retransmits" in result && { retransmits: result.retransmits },
    ..."phase" in result && { phase: result.phase },
    ..."code" in result && { code: result.code },
    dns_ms: milliseconds(result.dnsTime),
    duration_ms: milliseconds(result.duration),
    ...result.queueTime !== undefined && { queue_ms: milliseconds(result.queueTime) },
  };
}

/**
 * Makes a record of what the SYN-ACK said.
 *
 * @param details What it said.
 * @returns The record.
 */
export function peerRecord({ windowScale, window, ...details }: PeerDetails): PeerRecord {
  return {
    ...details,
    ...windowScale !== undefined && { window_scale: windowScale },
    ...window !== undefined && { window },
  };
}

/** Rounds to microseconds: finer than that no clock here is. */
export function milliseconds(time: number): number {
  return Number(time.toFixed(3));
}
