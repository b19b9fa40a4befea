/**
 * Checks whose process is stopped after their SYNs were sent, and continues when all answers have arrived.
 *
 * Another process of this script makes the checks; it is started with `paused: false`.
 */

import { Checker, type CheckResult } from "../../mod.ts";
import { statusAndCode } from "../support/outcome.ts";
import { readInput, writeOutput } from "../support/script.ts";

export interface Input {
  /** The number of hosts, checked all at once. */
  hosts: number;
  /** Whether they have IPv6 addresses. */
  v6: boolean;
  /** The delay of their answers in ms. */
  answerAfter: number;
  timeout: number;
  synRetries?: number;
  /** A silent target that is checked last. Its timeout shows that all SYNs were sent. */
  silent: string;
  paused: boolean;
}

export interface Output {
  /**
   * The numbers of results by status and code. "silent" counts the correct timeouts, of targets that had not answered yet.
   */
  outcomes: Record<string, number>;
  /** The kernel's count of dropped answers, which excludes ICMP errors. */
  lost: number;
  /** Packets that arrived before the process was stopped. */
  early: number;
}

const input = readInput<Input>();
const { hosts, v6, answerAfter, timeout, synRetries, silent } = input;
if (input.paused) {
  const args = ["run", "--quiet", "--allow-all", "--cached-only", import.meta.url];
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args, JSON.stringify({ ...input, paused: false })],
    stdout: "piped",
  }).spawn();
  let text = "";
  let [lost, early] = [0, 0];
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    // The process writes after the SYNs were sent.
    if (text === "") {
      child.kill("SIGSTOP");
      early = received();
      while (received() < hosts) await new Promise((resolve) => setTimeout(resolve, 10));
      lost = drops();
      child.kill("SIGCONT");
    }
    text += chunk;
  }
  const [, outcomes] = text.split("\n");
  writeOutput({ outcomes: JSON.parse(outcomes), lost, early } satisfies Output);
} else {
  await using checker = new Checker({ engine: "raw", rate: Infinity, synRetries });
  checker.checkingLoop();
  const host = (i: number) => v6 ? `[2001:db8::${(i + 1).toString(16)}]:80` : `198.18.${i >> 8}.${i & 255}:80`;
  const pending = Array.from({ length: hosts }, (_, i) => checker.checkAddr(host(i), timeout));
  await checker.checkAddr(silent, 1);
  writeOutput("sent");
  const outcomes: Output["outcomes"] = {};
  for (const result of await Promise.all(pending)) {
    const outcome = outcomeOf(result);
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
  writeOutput(outcomes);
}

function outcomeOf(result: CheckResult): string {
  return result.status === "timeout" && result.duration < answerAfter ? "silent" : statusAndCode(result);
}

/** Packets received from the lab. */
function received(): number {
  return Number(/^ *lab0: *\d+ +(\d+)/m.exec(Deno.readTextFileSync("/proc/net/dev"))?.[1]);
}

/** Packets dropped by raw sockets of this network. */
function drops(): number {
  const [, ...lines] = Deno.readTextFileSync(v6 ? "/proc/net/raw6" : "/proc/net/raw").trim().split("\n");
  return lines.reduce((sum, line) => sum + Number(line.trim().split(/\s+/).at(-1)), 0);
}
