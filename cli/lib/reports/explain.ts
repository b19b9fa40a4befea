/** Explains a check step by step: what was sent, what was received, and the resulting status. */

import { explainSteps } from "@tcp-shaker/monitor/explain";
import type { CheckResult, ProbedAddress } from "@tcp-shaker/tcp-shaker";
import { printable } from "@tcp-shaker/tcp-shaker/quote";
import { print, printEscaped } from "../output.ts";
import { isQueueTimeout } from "../local_failure.ts";
import { Tally } from "../tally.ts";
import type { CheckRequest } from "../target.ts";
import { coloured } from "../terminal/colour.ts";
import { durationText } from "../text.ts";
import type { Report } from "./report.ts";

/** Explains the check of each address of one target. */
export class ExplainReport implements Report {
  readonly #tally = new Tally();
  #targetText = "";

  add({ target }: CheckRequest, result: CheckResult): void {
    const { status, address } = result;
    const wasQueued = isQueueTimeout(result);
    if (target.isName && status !== "unresolved" && !wasQueued && this.#tally.total === 0) {
      print(`${target.text}: the system's resolver took ${durationText(result.dnsTime)}`);
    }
    const { queueTime } = result;
    if (queueTime !== undefined && !wasQueued) {
      print(
        `${target.text}: the check waited ${durationText(queueTime)} in the checker's queue, not part of the timeout`,
      );
    }
    this.#targetText = target.text;
    this.#tally.add(result);
    const [first, ...others] = explainSteps(result);
    print(`${address === undefined ? target.text : addressText(address)}: ${first}`);
    for (const step of others) print(`  ${step}`);
    printEscaped(`  status: ${coloured(status, status)}${status === "up" ? `, ${modeText(result)}` : ""}`);
  }

  end(): void {
    const { up, total } = this.#tally;
    if (total < 2) return;
    const verdict = up > 0 ? coloured("up", "up") : coloured("refused", "down");
    printEscaped(`${this.#targetText} is ${verdict}: ${up} of its ${total} addresses ${up === 1 ? "is" : "are"} up`);
  }
}

function modeText({ mode }: CheckResult): string {
  return mode === "full" ? "by a full connect" : "half-open";
}

function addressText({ hostname, port, family }: ProbedAddress): string {
  const host = printable(hostname);
  return family === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}
