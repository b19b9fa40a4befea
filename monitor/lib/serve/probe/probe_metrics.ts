/** Metrics of a probe. Names, help, order and presence are those of blackbox_exporter, except for `probe_tcp_*`. */

import type { CheckResult, ProbedAddress } from "@tcp-shaker/tcp-shaker";
import { ADDRESS_BITS, addressToNumber } from "@tcp-shaker/tcp-shaker/ip-number";
import { labelText, singleSample } from "../metrics/exposition.ts";
import type { ProbeOutcome } from "./probe.ts";

/**
 * Writes the metrics.
 *
 * @param outcome The outcome of the probe.
 * @param timeout The probe's timeout in ms.
 * @returns The text.
 */
export function probeMetrics({ lookup, result, duration }: ProbeOutcome, timeout: number): string {
  const gauges: [name: string, help: string, value: number, labels?: [string, string][]][] = [];
  if (lookup !== undefined) {
    const help = "Returns the time taken for probe dns lookup in seconds";
    gauges.push(["dns_lookup_time_seconds", help, lookup.time / 1000]);
  }
  gauges.push(["duration_seconds", "Returns how long the probe took to complete in seconds", duration / 1000]);
  if (result?.status === "up") {
    gauges.push(["failed_due_to_bytes", "Indicates if probe failed due to bytes", 0]);
    gauges.push(["failed_due_to_regex", "Indicates if probe failed due to regex", 0]);
  }
  if (lookup !== undefined) {
    gauges.push([
      "ip_addr_hash",
      "Specifies the hash of IP address. It's useful to detect if the IP address changes.",
      hash(lookup.address),
    ]);
    gauges.push(["ip_protocol", "Specifies whether probe ip protocol is IP4 or IP6", lookup.address?.family ?? 0]);
  }
  gauges.push(["success", "Displays whether or not the probe was a success", Number(result?.status === "up")]);
  if (result !== undefined) gauges.push(...ownGauges(result));
  gauges.push(["timeout_seconds", "Returns how long the probe timeout is in seconds", timeout / 1000]);
  return gauges.map(([name, help, value, labels = []]) =>
    singleSample(`probe_${name}`, "gauge", help, value, labelText(labels))
  ).join("");
}

function* ownGauges(result: CheckResult): Generator<[string, string, number, [string, string][]?], void> {
  if (result.status === "up") {
    yield ["tcp_rtt_seconds", "Time from the SYN to the SYN-ACK in seconds", result.rtt / 1000];
  }
  const labels: [string, string][] = [["status", result.status], ["mode", result.mode]];
  yield ["tcp_status_info", "Status of the check, and whether it was half-open", 1, labels];
}

/** Returns the 32-bit FNV-1a hash of the 4 or 16 bytes of an address; 0 without an address. */
function hash(address: ProbedAddress | undefined): number {
  if (address === undefined) return 0;
  const { hostname, family } = address;
  const number = addressToNumber(hostname.split("%")[0], family);
  let hash = 0x811c9dc5;
  for (let shift = ADDRESS_BITS[family] - 8; shift >= 0; shift -= 8) {
    hash = Math.imul(hash ^ Number(number >> BigInt(shift) & 0xffn), 0x01000193) >>> 0;
  }
  return hash;
}
