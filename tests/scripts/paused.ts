/**
 * Checks whose process is stopped when their SYNs are out, and goes on when all answers have come.
 *
 * They are made by another process of this script, which is started with `paused: false`.
 */

import { Checker } from "../../mod.ts";
import { statusAndCode } from "../support/outcome.ts";
import { readInput, writeOutput } from "../support/script.ts";

export interface Input {
  /** How many hosts are checked, all at once. They answer late. */
  hosts: number;
  timeout: number;
  synRetries?: number;
  /** It is checked after those, and says by its timeout that their SYNs are out; then that all answers were in. */
  silent: string;
  paused: boolean;
}

export interface Output {
  /** How many results there were of each status, with its code where there is one. */
  outcomes: Record<string, number>;
  /** How many that are up were asked again. */
  askedAgain: number;
}

const input = readInput<Input>();
const { hosts, timeout, synRetries, silent } = input;
if (input.paused) {
  const args = ["run", "--quiet", "--allow-all", "--cached-only", import.meta.url];
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args, JSON.stringify({ ...input, paused: false })],
    stdout: "piped",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream());
  let text = "";
  for await (const chunk of lines) {
    // It writes as soon as the SYNs are out.
    if (text === "") {
      child.kill("SIGSTOP");
      await using checker = new Checker();
      checker.checkingLoop();
      await checker.checkAddr(silent, 3000);
      child.kill("SIGCONT");
    }
    text += chunk;
  }
  const [, results] = text.split("\n");
  writeOutput(JSON.parse(results) satisfies Output);
} else {
  await using checker = new Checker({ engine: "raw", rate: Infinity, synRetries });
  checker.checkingLoop();
  const targets = Array.from({ length: hosts }, (_, i) => `198.18.${i >> 8}.${i & 255}:80`);
  const pending = Promise.all(targets.map((target) => checker.checkAddr(target, timeout)));
  await checker.checkAddr(silent, 1);
  writeOutput("sent");
  const results = await pending;
  const outcomes: Output["outcomes"] = {};
  for (const result of results) {
    const outcome = statusAndCode(result);
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  }
  const again = results.filter((result) => result.status === "up" && result.retransmits > 0);
  writeOutput({ outcomes, askedAgain: again.length } satisfies Output);
}
