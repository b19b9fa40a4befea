/** Progress bar on the status line. */

import { setStatusLine } from "../output.ts";
import { clockText } from "../text.ts";

/** Shorter runs show no bar. */
const SHOW_AFTER_MS = 1000;
const REDRAW_INTERVAL_MS = 200;
const BAR_WIDTH = 20;

/** Redraws on a timer, until it is disposed of. */
export class Progress implements Disposable {
  readonly #total: number | undefined;
  readonly #startedAt = performance.now();
  readonly #timer: ReturnType<typeof setInterval>;
  #done = 0;

  /** @param total The number of checks; `undefined` if unknown. */
  constructor(total: number | undefined) {
    this.#total = total;
    this.#timer = setInterval(() => this.#draw(), REDRAW_INTERVAL_MS);
  }

  /** Counts one more check that is done. */
  increment(): void {
    this.#done++;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    setStatusLine("");
  }

  #draw(): void {
    const elapsed = performance.now() - this.#startedAt;
    if (elapsed >= SHOW_AFTER_MS) setStatusLine(progressText(this.#done, this.#total, elapsed));
  }
}

/**
 * Formats the progress of a run.
 *
 * @param done The number of checks done.
 * @param total The number of checks; `undefined` if unknown.
 * @param elapsed The time since the start, in ms.
 * @returns One line.
 */
export function progressText(done: number, total: number | undefined, elapsed: number): string {
  const rate = done / elapsed * 1000;
  const speed = `${rate < 10 ? rate.toFixed(1) : Math.round(rate)}/s`;
  if (total === undefined) return `${done} checked  ${speed}`;
  const share = done / total;
  const bar = "#".repeat(Math.floor(share * BAR_WIDTH)).padEnd(BAR_WIDTH, "-");
  const left = done === 0 ? "" : `  ${clockText((total - done) / rate * 1000)} left`;
  return `[${bar}] ${Math.floor(share * 100)}%  ${done}/${total}  ${speed}${left}`;
}
