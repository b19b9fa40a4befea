/** Live view of a monitor: a full screen that is drawn on a timer and after keys, not per result. */

import type { Monitor } from "@tcp-shaker/monitor";
import type { Target } from "../target.ts";
import { frame, type Model } from "./frame.ts";
import { ASCII, UNICODE } from "./glyphs.ts";
import type { Sparkline } from "./sparkline.ts";
import { listenToJobControl } from "./job_control.ts";
import { Keyboard } from "./keyboard.ts";
import type { Key } from "./keys.ts";
import { labelOf, type Row, type Sort } from "./row.ts";
import { Screen, UTF8_COLUMN } from "./screen.ts";
import { Widths } from "./table.ts";
import { applyKey, type Extent, INITIAL_VIEW } from "./view.ts";

/** Time between frames without keys. */
const FRAME_INTERVAL_MS = 250;
/** Maximum share of time spent on drawing, which reduces the frame rate with many targets. */
const MAX_LOAD = 0.1;
/** Least time between frames while keys are held. */
const KEY_INTERVAL_MS = 30;
const NO_SUSPEND = "Ctrl-Z is ignored: it needs Deno's --allow-run";

/** Content and callbacks of the view. */
export interface ViewOptions {
  readonly monitor: Monitor;
  /** The targets, in the order of the monitor's states, and the sparkline of each. */
  readonly targets: readonly (readonly [Target, Sparkline])[];
  readonly sort: Sort;
  /** Returns the alarms, one line each. */
  readonly notices: () => readonly string[];
  /** Called when the user quits. */
  readonly onQuit: () => void;
}

/** Shows the view until it is disposed of. */
export class LiveView implements AsyncDisposable {
  readonly #options: ViewOptions;
  readonly #labels: readonly string[];
  readonly #widths: Widths;
  readonly #startedAt = Date.now();
  readonly #keyboard = new Keyboard();
  readonly #screen = new Screen(this.#keyboard);
  readonly #signals: Disposable;
  readonly #report: Promise<unknown>;
  #glyphs = UNICODE;
  #view = INITIAL_VIEW;
  #extent: Extent = { count: 0, page: 1 };
  #notice: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #drawnAt = -Infinity;
  readonly #onResize = () => this.#drawIn(0);

  /** @param options Content and callbacks. */
  constructor(options: ViewOptions) {
    this.#options = options;
    this.#labels = options.targets.map(([target]) => labelOf(target));
    this.#widths = new Widths(this.#labels.map((label) => ({ label })));
    this.#screen.enter(this.#keyboard.isPresent);
    void this.#keyboard.read((key) => this.#onKey(key));
    this.#report = this.#chooseGlyphs();
    this.#signals = listenToJobControl({
      suspend: () => this.#suspend(),
      resume: () => this.#resume(),
      onRefused: () => {
        this.#notice = NO_SUSPEND;
        this.#drawIn(0);
      },
    });
    if (Deno.build.os !== "windows") Deno.addSignalListener("SIGWINCH", this.#onResize);
    this.#draw();
  }

  /** Leaves the screen. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#signals[Symbol.dispose]();
    if (Deno.build.os !== "windows") Deno.removeSignalListener("SIGWINCH", this.#onResize);
    await this.#report;
    this.#suspend();
  }

  async #chooseGlyphs(): Promise<void> {
    const report = await this.#keyboard.report();
    if (report === undefined || report.column === UTF8_COLUMN) return;
    this.#glyphs = ASCII;
    this.#screen.forget();
  }

  #suspend(): void {
    clearTimeout(this.#timer);
    this.#screen.leave();
  }

  #resume(): void {
    this.#screen.enter(false);
    this.#draw();
  }

  #onKey(key: Key): void {
    const next = applyKey(this.#view, key, this.#extent);
    if (next === "quit") return this.#options.onQuit();
    this.#view = next;
    this.#notice = undefined;
    this.#drawIn(KEY_INTERVAL_MS - (performance.now() - this.#drawnAt));
  }

  /** Schedules a frame after a time in ms, in place of the scheduled one. */
  #drawIn(time: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#draw(), Math.max(time, 0));
  }

  #draw(): void {
    const startedAt = performance.now();
    if (!this.#screen.isShown) return;
    if (this.#screen.isReady) {
      this.#screen.draw((size) => {
        const { lines, extent } = frame(this.#model(), this.#view, size, this.#glyphs);
        this.#extent = extent;
        return lines;
      });
    }
    this.#drawnAt = performance.now();
    this.#drawIn(Math.max(FRAME_INTERVAL_MS, (this.#drawnAt - startedAt) / MAX_LOAD));
  }

  #model(): Model {
    const { monitor, targets, sort, notices } = this.#options;
    const rows: Row[] = Array.from(monitor.states(), (state, i) => {
      const [target, sparkline] = targets[i];
      return { target, label: this.#labels[i], state, sparkline };
    });
    return {
      rows,
      sort,
      checks: monitor.statistics().checks,
      startedAt: this.#startedAt,
      now: Date.now(),
      notices: [...this.#notice === undefined ? [] : [this.#notice], ...notices()],
      widths: this.#widths,
      hasKeys: this.#keyboard.isPresent,
    };
  }
}
