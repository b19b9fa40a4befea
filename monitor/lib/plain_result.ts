/** Plain results, which consist of two numbers and the engine. Nearly all results of a monitor are plain. */

import type { CheckResult, Engine, HostPort, UpResult } from "@tcp-shaker/tcp-shaker";

/** Whether a result is plain: an IP address answered the first SYN, and there are no optional fields. */
export function isPlain(result: CheckResult | undefined): result is UpResult {
  return result?.status === "up" && typeof result.target === "object" && result.mode === "half-open" &&
    result.address.hostname === result.target.hostname && result.dnsTime === 0 && result.retransmits === 0 &&
    result.queueTime === undefined && result.peer === undefined;
}

/** Creates a plain result. */
export function plainResult(target: HostPort, engine: Engine, rtt: number, duration: number): CheckResult {
  const { hostname, port } = target;
  return {
    status: "up",
    target,
    address: { hostname, port, family: hostname.includes(":") ? 6 : 4 },
    mode: "half-open",
    engine,
    dnsTime: 0,
    duration,
    rtt,
    retransmits: 0,
  };
}
