/**
 * Explanation of a check step by step, as printed by `tcp-checker --explain`.
 *
 * ```ts
 * import { checkAddr } from "@tcp-shaker/tcp-shaker";
 * import { explainSteps } from "@tcp-shaker/monitor/explain";
 *
 * console.log(explainSteps(await checkAddr("127.0.0.1:1"))); // ["SYN sent by the socket engine", "RST received ..."]
 * ```
 *
 * @module
 */

import type { CheckResult, PeerDetails, TimeoutResult } from "@tcp-shaker/tcp-shaker";

/**
 * Explains a result step by step: what was sent, what was received, and why.
 *
 * @param result The result of a check.
 * @returns The steps in order, a phrase each.
 */
export function explainSteps(result: CheckResult): string[] {
  const sent = "retransmits" in result && result.retransmits > 0
    ? `SYN sent ${result.retransmits + 1} times by the ${result.engine} engine, because there was no answer`
    : `SYN sent by the ${result.engine} engine`;
  switch (result.status) {
    case "up":
      return [
        sent,
        `SYN-ACK received, round-trip time ${result.rtt.toFixed(3)} ms`,
        ...result.peer === undefined ? [] : peerTexts(result.peer, result.engine),
        result.mode === "full"
          ? "the last ACK was sent, or may have been: the application may have seen a connection"
          : "RST sent in place of the ACK: the application saw no connection",
      ];
    case "refused":
      return [
        sent,
        `RST received (${result.code}) after ${durationText(result.duration - result.dnsTime)}: the port is closed`,
      ];
    case "timeout":
      return timeoutSteps(result, sent);
    case "unreachable":
      switch (result.sent) {
        case false:
          return [`no SYN sent: this host has no route to the target (${result.code})`];
        case true:
          return [sent, `a router, or the target, reported ${result.code}`];
        default:
          return [`unreachable: the network, or the routes of this host, reported ${result.code}`];
      }
    case "unresolved":
      return result.code === "SINKHOLE"
        ? ["the system's resolver returned only 0.0.0.0 or ::, as DNS filters do for blocked names; no SYN sent"]
        : [`the system's resolver returned no address: ${result.code}`];
    case "denied":
      return ["the address was denied: no SYN sent"];
    case "local-error":
      return [
        `the check failed on this host: ${result.code}; the state of the target is unknown`,
        ...isZoneless(result.address?.hostname)
          ? ["a link-local address needs its interface, such as [fe80::1%eth0]:80"]
          : [],
      ];
  }
}

function timeoutSteps({ phase, duration, queueTime = 0 }: TimeoutResult, sent: string): string[] {
  switch (phase) {
    case "queue":
      return [
        `the check waited ${durationText(queueTime)} in local queues, for a lookup, a socket, a port or the rate`,
        "the state of the target is unknown",
      ];
    case "resolve":
      return [`no answer from the resolver within ${durationText(duration)}`];
    case "connect":
      return [sent, `no answer within ${durationText(duration)}`];
  }
}

/** Whether an address is link-local (RFC 4291, 2.5.6) without a zone: the kernel doesn't know which link it is on. */
function isZoneless(address = ""): boolean {
  return /^fe[89ab][\da-f]:/.test(address) && !address.includes("%");
}

/** The sysctls of the TCP options in the kernel's SYNs, also of IPv6. */
const SYSCTLS = "see net.ipv4.tcp_sack, tcp_timestamps and tcp_window_scaling";

/** Describes the details of the SYN-ACK, and what they suggest. */
function peerTexts(peer: PeerDetails, engine: CheckResult["engine"]): string[] {
  const { timestamps, sack, ecn, windowScale, window, mss } = peer;
  const options = [
    ...timestamps ? ["timestamps"] : [],
    ...sack ? ["SACK"] : [],
    ...windowScale === undefined ? [] : [`window scale ${windowScale}`],
    ...ecn ? ["ECN"] : [],
  ];
  const properties = [
    options.join(", ") || "no options",
    `segments of up to ${mss} bytes`,
    ...window === undefined ? [] : [`a window of ${window}`],
  ];
  const texts = [`SYN-ACK has ${properties.join("; ")}`];
  // A SYN proxy, such as nft's synproxy, offers no window before it knows the server's.
  if (window === 0) texts.push("this looks like a SYN proxy, which answers for hosts that may be down");
  else if (options.length === 0) {
    const proxy = "this may be a SYN proxy, which answers for hosts that may be down, or a small device";
    // A SYN-ACK can have only the options of the SYN. The raw engine offers all.
    texts.push(engine === "raw" ? proxy : `${proxy}; or this host offers no options: ${SYSCTLS}`);
  }
  return texts;
}

/**
 * Formats a duration like Go, in ms or s.
 *
 * @param ms The duration, in ms.
 * @returns `"1.234ms"`, `"2.5s"`.
 */
export function durationText(ms: number): string {
  return ms < 1000 ? `${Number(ms.toFixed(3))}ms` : `${Number((ms / 1000).toFixed(3))}s`;
}
