/** Codec of the packed records: requests to the native library, and results from it. The offsets are generated. */

import type { Endpoint } from "../address.ts";
import type { Resolved, Subject } from "../engine.ts";
import { eaiName, errnoName, SINKHOLE } from "../errno.ts";
import { ADDRESS_SIZE, formatAddress, writeAddress } from "./address_record.ts";
import { CONFIG, KIND, OFFER, REQUEST, RESOLVE, RESULT, STATUS, UNRESOLVED } from "./layout.ts";
import { SHOWN_QUEUE_TIME } from "../queue_time.ts";
import type { ResolvedOptions } from "../options.ts";
import type { CheckResult, Engine, PeerDetails, ProbedAddress } from "../result.ts";
import type { PacketOptions } from "../packet_options.ts";

/** Size of a result record in bytes. */
export const RESULT_SIZE: number = RESULT.size;

/** Options of a native engine. */
export interface NativeOptions {
  /** Whether probes are kernel sockets or raw packets. */
  readonly kind: keyof typeof KIND;
  /** Options of its packets. */
  readonly packets: PacketOptions;
  /** SYNs a second, at most. */
  readonly rate: number;
}

/** The highest rate limit; a higher rate means no limit. */
const MAX_RATE = 2 ** 32 - 1;

/**
 * Writes a configuration record.
 *
 * @param options The engine's options.
 * @returns The record.
 */
export function configRecord({ kind, packets, rate }: NativeOptions): Uint8Array<ArrayBuffer> {
  const { source, interface: device = "", mark = 0, tos = 0, synRetries = -1 } = packets;
  const bytes = new Uint8Array(CONFIG.size);
  const view = new DataView(bytes.buffer);
  view.setUint32(CONFIG.mark, mark, true);
  view.setInt16(CONFIG.synRetries, synRetries, true);
  view.setUint8(CONFIG.tos, tos);
  view.setUint8(CONFIG.kind, KIND[kind]);
  view.setUint32(CONFIG.rate, rate > MAX_RATE ? 0 : Math.ceil(rate), true);
  const encoder = new TextEncoder();
  bytes.set(encoder.encode(device), CONFIG.interface);
  if (source !== undefined) writeAddress(view, CONFIG.source, source, source.includes(":") ? 6 : 4);
  return bytes;
}

/**
 * Computes the size of a request record.
 *
 * @param endpoint What to check.
 * @returns The size in bytes, a multiple of 8.
 */
export function requestSize(endpoint: Endpoint): number {
  const { family, host, addresses } = endpoint;
  if (addresses !== undefined) return REQUEST.size + addresses.length * ADDRESS_SIZE;
  return REQUEST.size + (family === 0 ? (host.length + 7) & ~7 : ADDRESS_SIZE);
}

/**
 * Writes a request record. Padding bytes are not cleared.
 *
 * @param view The batch.
 * @param at Where the request starts.
 * @param id The id that the result will carry.
 * @param endpoint What to check.
 * @param options The options of the check.
 */
export function writeRequest(
  view: DataView,
  at: number,
  id: number,
  endpoint: Endpoint,
  options: ResolvedOptions,
): void {
  const { host, port, family, addresses } = endpoint;
  const isName = family === 0 && addresses === undefined;
  view.setFloat64(at + REQUEST.timeout, options.timeout, true);
  view.setUint32(at + REQUEST.id, id, true);
  view.setUint16(at + REQUEST.port, port, true);
  view.setUint8(at + REQUEST.family, options.family);
  view.setUint8(at + REQUEST.resolve, RESOLVE[options.resolve]);
  view.setUint8(at + REQUEST.zeroLinger, options.zeroLinger ? 1 : 0);
  view.setUint8(at + REQUEST.isName, isName ? 1 : 0);
  let end = at + REQUEST.size;
  if (addresses !== undefined) {
    for (const { hostname, family } of addresses) {
      writeAddress(view, end, hostname, family);
      end += ADDRESS_SIZE;
    }
  } else if (family !== 0) {
    writeAddress(view, end, host, family);
    end += ADDRESS_SIZE;
  } else {
    // A name is ASCII. For so few bytes a loop is faster than TextEncoder.encodeInto().
    for (let i = 0; i < host.length; i++) view.setUint8(end++, host.charCodeAt(i));
  }
  view.setUint16(at + REQUEST.hostLength, end - at - REQUEST.size, true);
}

/**
 * Reads the engine that a result comes from.
 *
 * @param view The batch.
 * @param at Where the record starts.
 * @returns The handle of the engine.
 */
export function readEngine(view: DataView, at: number): number {
  return view.getUint32(at + RESULT.engine, true);
}

/**
 * Reads whether a record is an end marker: the engine has ended by itself.
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
