/** Codec of the configuration record, with which a native engine is started. */

import type { PacketOptions } from "../packet_options.ts";
import { writeAddress } from "./address_record.ts";
import { CONFIG, KIND } from "./layout.ts";

/** Options of a native engine. */
export interface NativeOptions {
  /** Whether probes are TCP sockets or raw packets. */
  readonly kind: keyof typeof KIND;
  /** Options of all packets. */
  readonly packets: PacketOptions;
  /** Maximum number of SYNs per second. */
  readonly rate: number;
  /** Number of engine threads, 1 or more. */
  readonly threads: number;
}

/** The highest rate limit; a higher rate means no limit. */
const MAX_RATE = 2 ** 32 - 1;

/**
 * Writes a configuration record.
 *
 * @param options The engine's options.
 * @returns The record.
 */
export function configRecord({ kind, packets, rate, threads }: NativeOptions): Uint8Array<ArrayBuffer> {
  const { source, interface: device = "", mark = 0, tos = 0, synRetries = -1 } = packets;
  const bytes = new Uint8Array(CONFIG.size);
  const view = new DataView(bytes.buffer);
  view.setUint32(CONFIG.mark, mark, true);
  view.setInt16(CONFIG.synRetries, synRetries, true);
  view.setUint8(CONFIG.tos, tos);
  view.setUint8(CONFIG.kind, KIND[kind]);
  view.setUint32(CONFIG.rate, rate > MAX_RATE ? 0 : Math.ceil(rate), true);
  view.setUint32(CONFIG.extraThreads, threads - 1, true);
  const encoder = new TextEncoder();
  bytes.set(encoder.encode(device), CONFIG.interface);
  if (source !== undefined) writeAddress(view, CONFIG.source, source, source.includes(":") ? 6 : 4);
  return bytes;
}
