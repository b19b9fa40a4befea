/** The mode `wait`: checks targets until they are up, or down. */

import type { Checker, CheckOptions, CheckResult } from "@tcp-shaker/tcp-shaker";
import { quote } from "@tcp-shaker/tcp-shaker/quote";
import { startChecker } from "../checks.ts";
import type { Command } from "../command_line/command.ts";
import { EXIT, exitStatus } from "../exit_status.ts";
import { makeReport } from "../reports/formats.ts";
import { flush, printError, setStatusLine } from "../output.ts";
import type { Report } from "../reports/report.ts";
import { Tally } from "../tally.ts";
import { checkRequest, type Target } from "../target.ts";
import type { Targets } from "../targets/targets.ts";
import type { TerminationSignals } from "../termination_signals.ts";
import { durationText } from "../text.ts";
import { requireRunPermission, runProgram } from "./program.ts";
import { readTargets } from "./read_targets.ts";

/** Maximum number of targets in the message for a passed deadline. */
const MAX_NAMED_TARGETS = 5;

/**
 * Checks targets until all, or any, have the expected state; then runs the program, if there is one.
 *
 * @param command The command.
 * @param targets The targets.
 * @param termination Ends the wait.
 * @returns The exit status: the program's, if it was run.
 */
export async function wait(command: Command, targets: Targets, termination: TerminationSignals): Promise<number> {
  const { wait: { command: program }, format } = command;
  if (program.length > 0) requireRunPermission(program[0], "--");
  const all = await readTargets(targets, termination.signal);
  const pending = new PendingTargets(all, command);
  const isReached = await pending.untilReached(termination.signal);
  // The program's output must follow this output.
  await flush(termination.signal);
  if (termination.exitStatus !== undefined) return termination.exitStatus;
  if (isReached) return await onReached(program, targets.skipped);
  if (format !== "quiet") printError(`tcp-checker: ${pending.timeoutMessage()}`);
  return Math.max(EXIT.someNot, exitStatus(pending.tally(), undefined, targets.skipped));
}

async function onReached(program: readonly string[], skipped: number): Promise<number> {
  if (program.length === 0) return skipped > 0 ? EXIT.badArguments : EXIT.allUp;
  if (skipped === 0) return await runProgram(program);
  // The malformed lines may name further targets to wait for.
  printError(`tcp-checker: Did not run ${quote(program.join(" "))}: correct the malformed lines`);
  return EXIT.badArguments;
}

/** The targets without the expected state, and their last results. */
class PendingTargets {
  readonly #command: Command;
  readonly #lastResults: Map<Target, CheckResult | undefined>;
  readonly #report: Report;
  /** Number of targets that need not reach the expected state. */
  readonly #allowed: number;

  constructor(targets: readonly Target[], command: Command) {
    this.#command = command;
    this.#lastResults = new Map(targets.map((target) => [target, undefined]));
    this.#allowed = command.wait.any ? targets.length - 1 : 0;
    this.#report = makeReport({
      command,
      samples: targets,
      isAligned: targets.length > 1,
      statistics: [],
      total: () => targets.length,
      caveats: () => [],
    });
  }

  /**
   * Waits until enough targets have the expected state.
   *
   * @param signal Ends the wait.
   * @returns `false` if the deadline passed or the signal aborted first.
   */
  async untilReached(signal: AbortSignal): Promise<boolean> {
    const reached = new AbortController();
    const ends = AbortSignal.any([signal, AbortSignal.timeout(this.#command.wait.deadline), reached.signal]);
    const timer = this.#startStatusLine();
    try {
      await using checker = await startChecker(this.#command.checker);
      await Promise.all([...this.#lastResults.keys()].map(async (target) => {
        await this.#waitFor(target, checker, ends);
        if (this.#isReached) reached.abort();
      }));
    } finally {
      clearInterval(timer);
      setStatusLine("");
      this.#report.end();
    }
    return this.#isReached;
  }

  /** Counts the last results. */
  tally(): Tally {
    return new Tally([...this.#lastResults.values()].flatMap((result) => result ?? []));
  }

  /** Returns the message for a passed deadline. */
  timeoutMessage(): string {
    const names = [...this.#lastResults.keys()].slice(0, MAX_NAMED_TARGETS).map(({ text }) => text);
    const more = this.#lastResults.size - names.length;
    if (more > 0) names.push(`${more} more`);
    const { expect, deadline } = this.#command.wait;
    return `Gave up after ${durationText(deadline)}, not ${expect}: ${names.join(", ")}`;
  }

  get #isReached(): boolean {
    return this.#lastResults.size <= this.#allowed;
  }

  #startStatusLine(): ReturnType<typeof setInterval> {
    const { deadline, expect } = this.#command.wait;
    const endsAt = performance.now() + deadline;
    return setInterval(() => {
      const count = this.#lastResults.size - this.#allowed;
      const change = expect === "up" ? "come up" : "go down";
      const left = Math.ceil((endsAt - performance.now()) / 1000);
      setStatusLine(`waiting for ${count} target${count === 1 ? "" : "s"} to ${change} (${left} s left)`);
    }, 1000);
  }

  /** Removes a target when it has the expected state. */
  async #waitFor(target: Target, checker: Checker, signal: AbortSignal): Promise<void> {
    const { interval, wait, options: { concurrency: _, ...options } } = this.#command;
    let round = 0;
    const onResult = (result: CheckResult) => {
      this.#lastResults.set(target, result);
      this.#report.add(checkRequest(target, 0, ++round), result);
    };
    try {
      await checker.waitUntil(target, {
        ...options as CheckOptions,
        state: wait.expect,
        deadline: Infinity,
        interval,
        signal,
        onResult,
      });
      this.#lastResults.delete(target);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}
