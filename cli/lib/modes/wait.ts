/** Waits until targets are up, or down. */

import type { Checker, CheckOptions, CheckResult } from "@tcp-shaker/tcp-shaker";
import { startChecker } from "../checks.ts";
import type { Command } from "../command.ts";
import { EXIT, exitStatus } from "../exit_status.ts";
import { complain, flush, showStatus } from "../output.ts";
import { quote } from "@tcp-shaker/tcp-shaker/quote";
import { Changes } from "../reports/changes.ts";
import { Columns } from "../reports/columns.ts";
import { formatReport } from "../reports/format.ts";
import { Lines } from "../reports/lines.ts";
import type { Report } from "../reports/report.ts";
import { Tally } from "../tally.ts";
import { request, type Target } from "../targets/target.ts";
import type { Interruption } from "../interruption.ts";
import type { Targets } from "../targets/targets.ts";
import { durationText } from "../text.ts";
import { assertMayRun, runProgram } from "./program.ts";
import { noTargets } from "./once.ts";

/** How many targets are named when it gives up. */
const NAMED = 5;

/**
 * Checks targets until all, or any, are as expected; and then runs a program.
 *
 * @param command What to do.
 * @param targets What to check.
 * @param interruption Ends it early.
 * @returns The exit status: the program's, if it was run.
 */
export async function wait(command: Command, targets: Targets, interruption: Interruption): Promise<number> {
  const { wait, format } = command;
  const { signal } = interruption;
  if (wait.command.length > 0) assertMayRun(wait.command[0]);
  const all = await interruption.unlessSignalled(Array.fromAsync(targets));
  if (all.length === 0) throw noTargets();
  const waiting = new Waiting(all, command);
  const isAsExpected = await waiting.until(signal);
  // The program prints below what we have printed.
  await flush(signal);
  if (interruption.exitStatus !== undefined) return interruption.exitStatus;
  if (isAsExpected) {
    if (wait.command.length === 0) return skippedStatus(targets);
    if (targets.skipped === 0) return await runProgram(wait.command);
    // Who knows what else was to be waited for.
    complain(`tcp-checker: Not run, since there are malformed lines: ${quote(wait.command.join(" "))}`);
    return EXIT.badArguments;
  }
  if (format !== "quiet") complain(`tcp-checker: ${waiting.complaint}`);
  return Math.max(EXIT.someNot, exitStatus(waiting.tally, undefined, targets.skipped));
}

function skippedStatus({ skipped }: Targets): number {
  return skipped > 0 ? EXIT.badArguments : EXIT.allUp;
}

/** Targets that are waited for. */
class Waiting {
  readonly #command: Command;
  /** What is still waited for, and the last that was seen of it. */
  readonly #open: Map<Target, CheckResult | undefined>;
  readonly #report: Report;
  readonly #needed: number;

  constructor(targets: readonly Target[], command: Command) {
    this.#command = command;
    this.#open = new Map(targets.map((target) => [target, undefined]));
    this.#needed = command.wait.any ? 1 : targets.length;
    this.#report = chooseReport(command, targets);
  }

  /** Waits; false if the deadline, or the signal, came first. */
  async until(signal: AbortSignal): Promise<boolean> {
    const { deadline, expect } = this.#command.wait;
    const goal = this.#open.size - this.#needed;
    const stop = new AbortController();
    const expired = AbortSignal.any([signal, AbortSignal.timeout(deadline), stop.signal]);
    const startedAt = performance.now();
    const timer = setInterval(() => {
      const left = Math.ceil((deadline - (performance.now() - startedAt)) / 1000);
      showStatus(`${this.#open.size - goal} more to be ${expect}, ${left} s left`);
    }, 1000);
    try {
      await using checker = await startChecker(this.#command);
      await Promise.all([...this.#open.keys()].map(async (target) => {
        await this.#watch(target, checker, expired);
        if (this.#open.size <= goal) stop.abort();
      }));
    } finally {
      clearInterval(timer);
      showStatus("");
      this.#report.end();
    }
    return this.#open.size <= goal;
  }

  /** What was seen last of those that are not as expected. */
  get tally(): Tally {
    return new Tally([...this.#open.values()].flatMap((result) => result?.status ?? []));
  }

  /** What to say when the deadline came first. */
  get complaint(): string {
    const names = [...this.#open.keys()].slice(0, NAMED).map(({ text }) => text);
    if (this.#open.size > NAMED) names.push(`${this.#open.size - NAMED} more`);
    const { expect, deadline } = this.#command.wait;
    return `Gave up after ${durationText(deadline)}, not ${expect}: ${names.join(", ")}`;
  }

  async #watch(target: Target, checker: Checker, signal: AbortSignal): Promise<void> {
    const { interval, wait, options: { concurrency: _, ...options } } = this.#command;
    let round = 0;
    const onResult = (result: CheckResult) => {
      this.#open.set(target, result);
      this.#report.take(request(target, 0, ++round), result);
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
      this.#open.delete(target);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}

function chooseReport({ format }: Command, targets: readonly Target[]): Report {
  return new Changes(formatReport(format) ?? new Lines(new Columns(targets, targets.length > 1)));
}
