/** What was sent and seen. */

import type { CheckResult, PeerDetails, ProbedAddress } from "@tcp-shaker/tcp-shaker";
import { printable } from "@tcp-shaker/tcp-shaker/quote";
import { print } from "../output.ts";
import { Tally } from "../tally.ts";
import type { Request } from "../targets/target.ts";
import { coloured } from "../terminal/colour.ts";
import { durationText } from "../text.ts";
import type { Report } from "./report.ts";

/** Tells the story of each address of one target. */
export class Explanation implements Report {
  readonly #tally = new Tally();
  #name = "";

  take({ target }: Request, result: CheckResult): void {
    const { status, address } = result;
    if (target.isName && status !== "unresolved" && this.#tally.total === 0) {
      print(`${target.text}: the system's resolver took ${durationText(result.dnsTime)}`);
    }
    const { queueTime } = result;
    if (queueTime !== undefined) {
      print(`${target.text}: it waited for ${durationText(queueTime)} in the checker's own queue, beside its timeout`);
    }
    this.#name = target.text;
    this.#tally.add(status);
    const [first, ...others] = steps(result);
    print(`${address === undefined ? target.text : addressText(address)}: ${first}`);
    for (const step of others) print(`  ${step}`);
    print(`  so the status is ${coloured(status, status)}${status === "up" ? `, ${modeText(result)}` : ""}`);
  }

  end(): void {
    const { up, total } = this.#tally;
    if (total < 2) return;
    const verdict = up > 0 ? coloured("up", "up") : coloured("refused", "down");
    print(
      `${this.#name} is ${verdict}: ${up === 0 ? "none" : up} of its ${total} addresses ${up > 1 ? "are" : "is"} up`,
    );
  }
}

/** What happened, in its order. */
function steps(result: CheckResult): string[] {
  const sent = "retransmits" in result && result.retransmits > 0
    ? `SYN sent ${result.retransmits + 1} times by the ${result.engine} engine, as no answer came`
    : `SYN sent by the ${result.engine} engine`;
  switch (result.status) {
    case "up":
      return [
        sent,
        `SYN-ACK came, with a round trip time of ${result.rtt.toFixed(3)} ms`,
        ...result.peer === undefined ? [] : peerTexts(result.peer, result.engine),
        result.mode === "full"
          ? "ACK sent: the handshake was completed, and the application saw a connection come and go"
          : "RST sent, and no ACK: the application noticed nothing",
      ];
    case "refused":
      return [
        sent,
        `RST came (${result.code}) after ${durationText(result.duration - result.dnsTime)}: nobody listens`,
      ];
    case "timeout":
      return result.phase === "resolve"
        ? [`no answer from the resolver within ${durationText(result.duration)}`]
        : [sent, `nothing came within ${durationText(result.duration)}`];
    case "unreachable":
      switch (result.sent) {
        case false:
          return [`no SYN sent: this host has no route there (${result.code})`];
        case true:
          return [sent, `no way there, the network said: ${result.code}`];
        default:
          return [`no way there: the network, or our own routes, said ${result.code}`];
      }
    case "unresolved":
      return result.code === "SINKHOLE"
        ? ["the system's resolver gave only 0.0.0.0 or ::, as DNS filters do for names that they block; no SYN sent"]
        : [`the system's resolver knows no address: ${result.code}`];
    case "denied":
      return ["the address was denied: no SYN sent"];
    case "local-error":
      return [`our own side failed: ${result.code}; that says nothing about the target`];
  }
}

/** What decides on the options of the kernel's SYNs, over IPv6 too. */
const SYSCTLS = "see net.ipv4.tcp_sack, tcp_timestamps and tcp_window_scaling";

/** What the SYN-ACK said, and what to think of it. */
function peerTexts(peer: PeerDetails, engine: CheckResult["engine"]): string[] {
  const { timestamps, sack, ecn, windowScale, window, mss } = peer;
  const options = [
    ...timestamps ? ["timestamps"] : [],
    ...sack ? ["SACK"] : [],
    ...windowScale === undefined ? [] : [`window scale ${windowScale}`],
    ...ecn ? ["ECN"] : [],
  ];
  const has = [
    options.join(", ") || "no options",
    `segments of up to ${mss} bytes`,
    ...window === undefined ? [] : [`a window of ${window}`],
  ];
  const texts = [`it has ${has.join("; ")}`];
  // nft's synproxy, as an example: it has no window to give until it has asked the host behind it.
  if (window === 0) texts.push("that looks like a SYN proxy: it answers for hosts that may be down");
  else if (options.length === 0) {
    const proxy = "that may be a SYN proxy, which answers for hosts that may be down, or a small device";
    // A SYN-ACK has no option that the SYN had not. The raw engine offers all of them.
    texts.push(engine === "raw" ? proxy : `${proxy}; or this host offers no options: ${SYSCTLS}`);
  }
  return texts;
}

function modeText({ mode }: CheckResult): string {
  return mode === "full" ? "by a full connect" : "half-open";
}

function addressText({ hostname, port, family }: ProbedAddress): string {
  const host = printable(hostname);
  return family === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}
