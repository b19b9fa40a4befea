/** Naive model of one target of a monitor. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import { classify } from "../../lib/classify.ts";
import type { Observation } from "../../lib/verdict_change.ts";
import { DEFAULT_VERDICT } from "../../lib/verdict_options.ts";
import type { MonitorEvent, TargetState } from "../../mod.ts";
import { NaiveVerdict } from "../support/naive_verdict.ts";

/** A target, from when it is added to when it is removed. */
export class Model {
  readonly #verdict = new NaiveVerdict(DEFAULT_VERDICT, performance.now());
  readonly #events: string[];
  /** Number of the maintenance: results of checks that began with a lower one are dropped. */
  epoch = 0;
  inFlight = 0;
  inMaintenance = false;
  readonly counts = { checks: 0, failures: 0, neutral: 0, reports: 0, transitions: 0 };

  /** @param events Gets the events that the monitor must report. */
  constructor(events: string[]) {
    this.#events = events;
  }

  get state(): string {
    return this.#verdict.state;
  }

  finish(result: CheckResult, timeout: number, epoch: number): void {
    if (epoch !== this.epoch) return;
    const outcome = classify(result, timeout);
    this.counts.checks++;
    if (outcome === "fail") this.counts.failures++;
    if (outcome === "neutral") this.counts.neutral++;
    this.observe(outcome);
  }

  report(ok: boolean): void {
    this.counts.reports++;
    this.observe(ok ? "report-passed" : "report-failed");
  }

  maintain(on: boolean): void {
    if (on) this.epoch++;
    this.inMaintenance = on;
    this.observe(on ? "maintenance-begins" : "maintenance-ends");
  }

  observe(observation: Observation): void {
    for (const line of this.#verdict.observe(observation, performance.now())) {
      if (line === "error-limit") continue;
      if (/^(up|down) -> (up|down)/.test(line)) this.counts.transitions++;
      // Durations are those of two clocks.
      this.#events.push(line.replace(/ after .*|, [\d.]+ ms$/g, ""));
    }
  }
}

/** An event in the model's format. */
export function line(event: MonitorEvent): string {
  switch (event.type) {
    case "transition":
      return `${event.from} -> ${event.to}`;
    case "maintenance":
      return `maintenance ${event.active}: ${event.from} -> ${event.to}`;
    case "degraded":
    case "flapping":
      return `${event.type} ${event.active ? "begins" : "ends"}`;
    default:
      return event.type;
  }
}

/** A state, reduced to the model's fields. */
export function countsOf({ checks, failures, neutral, reports, transitions }: TargetState): Model["counts"] {
  return { checks, failures, neutral, reports, transitions };
}
