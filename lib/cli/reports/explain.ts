/** What was sent and seen. */

import type { CheckResult } from "../../../mod.ts";
import { print } from "../output.ts";
import type { Request } from "../targets/target.ts";
import { coloured } from "../terminal/colour.ts";
import { durationText } from "../text.ts";
import type { Report } from "./report.ts";

/** Tells the story of each address of one target. */
export class Explanation implements Report {
  #resolved = false;

  take({ target }: Request, result: CheckResult): void {
    if (target.isName && result.status !== "unresolved" && !this.#resolved) {
      this.#resolved = true;
      print(`${target.text}: the system's resolver took ${durationText(result.dnsTime)}`);
    }
    const { address } = result;
    const subject = address === undefined
      ? target.text
      : address.family === 6
      ? `[${address.hostname}]:${address.port}`
      : `${address.hostname}:${address.port}`;
    for (const [i, step] of steps(result).entries()) print(`${i === 0 ? `${subject}: ` : "  "}${step}`);
    print(`  so it is ${coloured(result.status, result.status)}`);
  }

  end(): void {}
}

/** What happened, in its order. */
function steps(result: CheckResult): string[] {
  const sent = "retransmits" in result && result.retransmits > 0
    ? `SYN sent ${result.retransmits + 1} times, for want of an answer`
    : "SYN sent";
  switch (result.status) {
    case "up": {
      const answer = `SYN-ACK came, with a round trip time of ${result.rtt.toFixed(3)} ms`;
      return result.mode === "full"
        ? [sent, answer, "ACK sent: the handshake was completed, and the application saw a connection come and go"]
        : [sent, answer, "RST sent, and no ACK: the application noticed nothing"];
    }
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
      return [`no way there: the network, or our own routes, said ${result.code}`];
    case "unresolved":
      return [`the system's resolver knows no address: ${result.code}`];
    case "local-error":
      return [`our own side failed: ${result.code}; that says nothing about the target`];
  }
}
