/**
 * Naive model of the verdict, after the contract and HAProxy's check.c: HAProxy's `health`, and lists of all events,
 * from which the flags are counted each time.
 */

import type { Observation } from "../../lib/verdict_change.ts";
import type { ResolvedVerdictOptions } from "../../lib/verdict_options.ts";

export class NaiveVerdict {
  readonly #options: ResolvedVerdictOptions;
  state = "unknown";
  since: number;
  degraded = false;
  flapping = false;
  /** HAProxy's `health`; meaningless while unknown or in maintenance. */
  health = 0;
  /** Results of checks since the last change of state. */
  #results: boolean[] = [];
  /** Results of checks and reports since the last change of state or pass. */
  #reports: boolean[] = [];
  /** Times of the transitions between up and down. */
  #transitions: number[] = [];
  #heard: number;
  #events: string[] = [];

  constructor(options: ResolvedVerdictOptions, now: number) {
    this.#options = options;
    this.since = this.#heard = now;
    this.#start(now);
  }

  /** Returns the changes, one line each. */
  observe(observation: Observation, now: number): string[] {
    const { rise, fall, staleAfter, window, flap, errorLimit, onError } = this.#options;
    this.#events = [];
    if (this.state !== "maintenance" && now - this.#heard >= staleAfter) {
      if (this.state !== "unknown") this.#changeState("unknown", now, 0);
      this.#results = [];
    }
    if (observation === "maintenance-begins" || observation === "maintenance-ends") {
      this.#maintain(observation === "maintenance-begins", now);
      return this.#events;
    }
    if (this.state === "maintenance") return [];
    const before = this.#events.length;
    if (observation === "pass" || observation === "fail") {
      this.#heard = now;
      if (observation === "pass") this.#reports = [];
      this.#check(observation === "pass", now);
      if (this.#events.length === 0 && this.state === "up") {
        const failures = this.#results.slice(-window.of).filter((passed) => !passed).length;
        if (!this.degraded && failures >= window.failures) this.#events.push("degraded begins");
        if (this.degraded && failures <= window.failures / 2) this.#events.push("degraded ends");
        if (this.#events.length > before) this.degraded = !this.degraded;
      }
    }
    if (observation === "report-passed") this.#reports = [];
    if (observation === "report-failed" && this.state === "up") {
      this.#reports.push(false);
      if (this.#reports.length === errorLimit) {
        this.#reports = [];
        this.#events.push("error-limit");
        if (onError === "sudden-death" && this.health > rise) this.health = rise + 1;
        if (onError === "mark-down") this.health = rise;
        if (onError !== "fastinter") this.#lower(now, fall);
      }
    }
    const recent = this.#transitions.slice(-flap.transitions).filter((at) => now - at <= flap.within).length;
    if (!this.flapping && recent >= flap.transitions) this.#events.push("flapping begins");
    else if (this.flapping && recent < flap.transitions / 2) this.#events.push("flapping ends");
    else return this.#events;
    this.flapping = !this.flapping;
    return this.#events;
  }

  get turning(): { count: number; of: number } | undefined {
    const { rise, fall } = this.#options;
    if (this.state === "up" && this.health < this.#full) return { count: this.#full - this.health, of: fall };
    if (this.state === "down" && this.health > 0) return { count: this.health, of: rise };
    return undefined;
  }

  get intervalKind(): string {
    if (this.state === "up" && this.health === this.#full) return "interval";
    if (this.state === "down" && this.health === 0) return "downInterval";
    return this.state === "maintenance" ? "interval" : "fastInterval";
  }

  get #full(): number {
    return this.#options.rise + this.#options.fall - 1;
  }

  #check(passed: boolean, now: number): void {
    const { rise, fall } = this.#options;
    this.#results.push(passed);
    if (this.state === "unknown") {
      if (passed) {
        this.health = this.#full;
        this.#changeState("up", now, 1);
      } else if (this.#results.length >= fall && this.#results.slice(-fall).every((passed) => !passed)) {
        this.health = 0;
        this.#changeState("down", now, fall);
      }
    } else if (!passed) {
      this.#lower(now, fall);
    } else if (this.health < this.#full) {
      this.health++;
      if (this.health >= rise) {
        this.health = this.#full;
        if (this.state === "down") this.#changeState("up", now, rise);
      }
    }
  }

  /** HAProxy's transition after a failed check. */
  #lower(now: number, fall: number): void {
    if (this.health > 0) this.health--;
    if (this.health >= this.#options.rise) return;
    this.health = 0;
    if (this.state === "up") this.#changeState("down", now, fall);
  }

  #changeState(to: string, now: number, count: number): void {
    if (this.state !== "unknown" && to !== "unknown") this.#transitions.push(now);
    this.#events.push(`${this.state} -> ${to} after ${count} of ${count}, ${now - this.since} ms`);
    this.#become(to, now);
  }

  #become(state: string, now: number): void {
    this.state = state;
    this.since = now;
    this.degraded = false;
    this.#results = [];
    this.#reports = [];
  }

  #start(now: number): void {
    const { initial, rise } = this.#options;
    this.#become(
      { "unknown": "unknown", "fully-up": "up", "up": "up", "down": "down", "fully-down": "down" }[initial],
      now,
    );
    this.health = { "unknown": NaN, "fully-up": this.#full, "up": rise, "down": rise - 1, "fully-down": 0 }[initial];
    this.#transitions = [];
    this.#heard = now;
    this.flapping = false;
  }

  #maintain(active: boolean, now: number): void {
    if (active === (this.state === "maintenance")) return;
    const { state, since } = this;
    if (active) this.#become("maintenance", now);
    else this.#start(now);
    this.flapping = false;
    this.#events.push(`maintenance ${active}: ${state} -> ${this.state}, ${now - since} ms`);
  }
}
