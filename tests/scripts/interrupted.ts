/**
 * Checks that are interrupted after their SYNs were sent: the signal aborts, the loop is stopped, or the process is killed,
 * at once or after a SIGSTOP.
 *
 * Checks to be killed run in another process of this script, started with `interruption: "none"`.
 */

import { Checker, type CheckerOptions } from "../../mod.ts";
import { readInput, writeOutput } from "../support/script.ts";

export interface Input {
  /** The targets, checked all at once. They answer late. */
  targets: string[];
  /**
   * A silent target that is checked last. The timeout of its first check shows that all SYNs were sent, that of its second
   * check that all answers have arrived.
   */
  silent: string;
  interruption: "signal" | "stop" | "kill" | "freeze" | "none";
  engine: CheckerOptions["engine"];
}

export interface Output {
  /** The rejections of the interrupted checks; absent if their process was killed. */
  rejections?: string[];
}

const input = readInput<Input>();
const { targets, silent, interruption, engine } = input;
if (interruption === "kill" || interruption === "freeze") {
  const args = ["run", "--quiet", "--allow-all", "--cached-only", import.meta.url];
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args, JSON.stringify({ ...input, interruption: "none" })],
    stdout: "piped",
  }).spawn();
  // The process writes after the SYNs were sent.
  const reader = child.stdout.getReader();
  await reader.read();
  if (interruption === "freeze") {
    child.kill("SIGSTOP");
    await outlast();
  }
  child.kill("SIGKILL");
  await child.status;
  await reader.cancel();
  if (interruption === "kill") await outlast();
  writeOutput({} satisfies Output);
} else {
  const checker = new Checker({ engine });
  const loop = checker.checkingLoop();
  const controller = new AbortController();
  const pending = targets.map((target) => checker.checkAddr(target, { signal: controller.signal }));
  const settled = Promise.allSettled(pending);
  await checker.checkAddr(silent, 1);
  if (interruption === "none") writeOutput("sent");
  if (interruption === "signal") controller.abort();
  if (interruption === "stop") await checker[Symbol.asyncDispose]();
  const outcomes = await settled;
  await outlast();
  await checker[Symbol.asyncDispose]();
  await loop;
  const rejections = outcomes.map((outcome) => outcome.status === "rejected" ? outcome.reason.name : "none");
  writeOutput({ rejections } satisfies Output);
}

async function outlast(): Promise<void> {
  await using checker = new Checker({ engine });
  checker.checkingLoop();
  await checker.checkAddr(silent, 1000);
}
