/**
 * Checks whose process is stopped when their SYNs are out, and goes on when all answers have come.
 *
 * They are made by another process of this script, which is started with `paused: false`.
 */

import { Checker, type CheckResult } from "../../mod.ts";
import { statusAndCode } from "../support/outcome.ts";
import { readInput, writeOutput } from "../support/script.ts";

export interface Input {
  /** How many hosts are checked, all at once. */
  hosts: number;
  /** Whether they have addresses of IPv6. */
  v6: boolean;
  /** After how many ms they answer. */
  answerAfter: number;
  timeout: number;
  synRetries?: number;
  /** It is checked after those, and says by its timeout that their SYNs are out. */
  silent: string;
  paused: boolean;
}

export interface Output {
  /**
   * How many results there were of each status, with its code where there is one. "silent" are those that were rightly
   * told as timeouts: there was no answer yet.
   */
  outcomes: Record<string, number>;
  /** How many answers the kernel had no room for, by its own count, which is without errors of the network. */
  lost: number;
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
  let lost = 0;
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    // It writes as soon as the SYNs are out.
    if (text === "") {
      child.kill("SIGSTOP");
      while (received() < hosts) await new Promise((resolve) => setTimeout(resolve, 10));
      lost = drops();
      child.kill("SIGCONT");
    }
    text += chunk;
  }
  const [, outcomes] = text.split("\n");
  writeOutput({ outcomes: JSON.parse(outcomes), lost } satisfies Output);
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

/** How many packets have come from the lab. */
function received(): number {
  return Number(/^ *lab0: *\d+ +(\d+)/m.exec(Deno.readTextFileSync("/proc/net/dev"))?.[1]);
}

/** How many packets raw sockets of this network had no room for. */
function drops(): number {
  const [, ...lines] = Deno.readTextFileSync(v6 ? "/proc/net/raw6" : "/proc/net/raw").trim().split("\n");
  return lines.reduce((sum, line) => sum + Number(line.trim().split(/\s+/).at(-1)), 0);
}
