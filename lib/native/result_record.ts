/** Codec of the result record. ffi/src/record/result.rs defines the layout; layout.ts is generated from it. */

import type { Endpoint } from "../address.ts";
import type { Resolved, Subject } from "../engine.ts";
import { eaiName, errnoName, SINKHOLE } from "../errno.ts";
import { SHOWN_QUEUE_TIME } from "../queue_time.ts";
import type { CheckResult, Engine, PeerDetails, ProbedAddress } from "../result.ts";
import { formatAddress } from "./address_record.ts";
import { OFFER, RESULT, STATUS, UNRESOLVED } from "./layout.ts";

/** Size of a result record in bytes. */
export const RESULT_SIZE: number = RESULT.size;

/**
 * Reads the handle of the engine that a result is from.
 *
 * @param view The batch.
 * @param at Where the record starts.
 * @returns The handle.
 */
export function readEngine(view: DataView, at: number): number {
  return view.getUint32(at + RESULT.engine, true);
}

/**
 * Reads whether a record is an end marker, which an engine sends if it ends without a call of `stop()`.
 *
 * @param view The batch.
 * @param at Where the record starts.
 * @returns Whether it is an end marker, the last record of its engine.
 */
export function readEnded(view: DataView, at: number): boolean {
  return view.getUint8(at + RESULT.status) === STATUS.ended;
}

/**
 * Reads the id of a result.
 *
 * @param view The batch.
 * @param at Where the record starts.
 * @returns The id of the check.
 */
export function readId(view: DataView, at: number): number {
  return view.getUint32(at + RESULT.id, true);
}

/**
 * Reads whether more results of the same check follow.
 *
 * @param view The batch.
 * @param at Where the record starts.
 * @returns Whether more follow.
 */
export function readMore(view: DataView, at: number): boolean {
  return view.getUint8(at + RESULT.more) !== 0;
}

/**
 * Reads a result.
 *
 * @param view The batch.
 * @param at Where the record starts.
 * @param subject The check.
 * @param engine The engine that made the check.
 * @returns The result.
 */
export function readResult(
  view: DataView,
  at: number,
  subject: Subject,
  engine: Engine,
): CheckResult | Resolved {
  const result = readOutcome(view, at, subject, engine);
  const queueTime = view.getFloat64(at + RESULT.queueTime, true);
  if (queueTime >= SHOWN_QUEUE_TIME) result.queueTime = queueTime;
  return result;
}

function readOutcome(view: DataView, at: number, subject: Subject, engine: Engine): CheckResult | Resolved {
  const { target } = subject;
  const mode = view.getUint8(at + RESULT.full) === 0 ? "half-open" : "full";
  const dnsTime = view.getFloat64(at + RESULT.dnsTime, true);
  const duration = view.getFloat64(at + RESULT.duration, true);
  const code = view.getInt32(at + RESULT.code, true);
  const address = readAddress(view, at, subject.endpoint);
  const base = address === undefined ? { target, mode, engine, dnsTime, duration } as const : {
    target,
    address,
    mode,
    engine,
    dnsTime,
    duration,
  } as const;
  switch (view.getUint8(at + RESULT.status)) {
    case STATUS.up:
      return {
        status: "up",
        target,
        address: address!,
        mode,
        engine,
        dnsTime,
        duration,
        rtt: view.getFloat64(at + RESULT.rtt, true),
        retransmits: readRetransmits(view, at),
        ...subject.details && { peer: readPeer(view, at) },
      };
    case STATUS.refused:
      return { status: "refused", ...base, address: address!, code: errnoName(code), errno: code };
    case STATUS.timeout:
      return { status: "timeout", ...base, phase: "connect", retransmits: readRetransmits(view, at) };
    case STATUS.resolveTimeout:
      return { status: "timeout", ...base, phase: "resolve", retransmits: 0 };
    case STATUS.queueTimeout:
      return { status: "timeout", ...base, phase: "queue", retransmits: 0 };
    case STATUS.unreachable:
      return { status: "unreachable", ...base, address: address!, code: errnoName(code), errno: code, sent: true };
    case STATUS.noRoute:
      return { status: "unreachable", ...base, address: address!, code: errnoName(code), errno: code, sent: false };
    case STATUS.resolved:
      return { status: "resolved", ...base, address: address! };
    case STATUS.unresolved:
      return { status: "unresolved", ...base, code: code === UNRESOLVED.sinkhole ? SINKHOLE : eaiName(code) };
    default:
      return { status: "local-error", ...base, code: errnoName(code), errno: code };
  }
}

function readRetransmits(view: DataView, at: number): number {
  return view.getUint32(at + RESULT.retransmits, true);
}

function readPeer(view: DataView, at: number): PeerDetails {
  const offer = view.getUint8(at + RESULT.offer);
  return {
    timestamps: (offer & OFFER.timestamps) !== 0,
    sack: (offer & OFFER.sack) !== 0,
    ecn: (offer & OFFER.ecn) !== 0,
    ...(offer & OFFER.windowScale) !== 0 && { windowScale: view.getUint8(at + RESULT.windowScale) },
    ...(offer & OFFER.window) !== 0 && { window: view.getUint32(at + RESULT.window, true) },
    mss: view.getUint16(at + RESULT.mss, true),
  };
}

function readAddress(view: DataView, at: number, endpoint: Endpoint): ProbedAddress | undefined {
  const family = view.getUint8(at + RESULT.family);
  if (family !== 4 && family !== 6) return undefined;
  const hostname = family === endpoint.family
    ? endpoint.host
    : formatAddress(view, at + RESULT.address, family, view.getUint32(at + RESULT.scope, true));
  return { hostname, port: endpoint.port, family };
}
