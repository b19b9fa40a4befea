/** How far a run is, on the status line. */

import { showStatus } from "../output.ts";
import { clockText } from "../text.ts";

/** Whoever waits for less wants no bar. */
const SHOWN_AFTER = 1000;
const REDRAWN_EVERY = 200;
const BAR_WIDTH = 20;

/** Draws from time to time, until it is disposed of. */
export class Progress implements Disposable {
  readonly #total: number | undefined;
  readonly #startedAt = performance.now();
  readonly #timer: ReturnType<typeof setInterval>;
  #done = 0;

  /**
   * @param total How many checks there will be, if that is known.
   */
  constructor(total: number | undefined) {
    this.#total = total;
    this.#timer = setInterval(() => this.#draw(), REDRAWN_EVERY);
  }

  /** Counts a check that is done. */
  count(): void {
    this.#done++;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    showStatus("");
  }

  #draw(): void {
    const elapsed = performance.now() - this.#startedAt;
    if (elapsed >= SHOWN_AFTER) showStatus(progressText(this.#done, this.#total, elapsed));
  }
}

/**
 * Writes how far a run is.
 *
 * @param done How many checks are done.
 * @param total How many there will be, if that is known.
 * @param elapsed How long it took so far, in ms.
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
