/** Results as flat records, for JSON and CSV. docs/json.md describes each field. */

import type { CheckResult, PeerDetails } from "@tcp-shaker/tcp-shaker";
import { printable } from "@tcp-shaker/tcp-shaker/quote";
import type { CheckRequest } from "../target.ts";

/** Name and version of the schema. The version increases when a field is removed or changes its meaning. */
export const SCHEMA = "tcp-checker/1";

/** A result, with the field names of JSON and CSV. */
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
  readonly phase?: "resolve" | "connect" | "queue";
  readonly code?: string;
  readonly dns_ms: number;
  readonly duration_ms: number;
  readonly queue_ms?: number;
  readonly sent?: boolean;
}

/** Details of the SYN-ACK, with the field names of JSON. */
export interface PeerRecord {
  readonly timestamps: boolean;
  readonly sack: boolean;
  readonly ecn: boolean;
  readonly window_scale?: number;
  readonly window?: number;
  readonly mss: number;
}

/** The fields of {@linkcode ResultRecord}, in the order of the columns of CSV. */
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
  "sent",
] as const satisfies (keyof ResultRecord)[];

/** Returns the record of a result. */
export function resultRecord({ target, round }: CheckRequest, result: CheckResult): ResultRecord {
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
    ..."sent" in result && { sent: result.sent },
  };
}

/** Returns the record of the details of a SYN-ACK. */
export function peerRecord({ windowScale, window, ...details }: PeerDetails): PeerRecord {
  return {
    ...details,
    ...windowScale !== undefined && { window_scale: windowScale },
    ...window !== undefined && { window },
  };
}

/** Rounds a time in ms to microseconds, the resolution of the clock. */
export function milliseconds(time: number): number {
  return Number(time.toFixed(3));
}
