/**
 * Live table: redrawn in place.
 *
 * It changes no mode of the terminal: no alternate screen, no hidden cursor, no raw mode. So nothing needs to be restored
 * after Ctrl-C, Ctrl-Z or SIGKILL, and the last table stays on the screen.
 */

import { isFlushed, terminalSize, write } from "../output.ts";
import type { Report } from "../reports/report.ts";
import type { Statistics } from "../statistics.ts";
import { type Sort, tableLines } from "./table.ts";

const REDRAW_INTERVAL_MS = 250;
const ERASE_TO_END_OF_LINE = "\x1b[K";
const ERASE_TO_END_OF_SCREEN = "\x1b[J";
const CURSOR_TO_TOP = "\x1b[H";

/** Redraws on a timer, and when the terminal is resized. */
export class LiveTable implements Report {
  readonly #rows: readonly Statistics[];
  readonly #sort: Sort;
  readonly #timer: ReturnType<typeof setInterval>;
  /** Lines of the last drawing. */
  #drawnLines = 0;
  readonly #onResize = () => {
    // The terminal has wrapped the lines anew, and their number is unknown: start on a clean screen.
    write(CURSOR_TO_TOP + ERASE_TO_END_OF_SCREEN);
    this.#drawnLines = 0;
    this.#draw();
  };

  /**
   * @param rows The statistics of each target, which change between drawings.
   * @param sort What to sort by.
   */
  constructor(rows: readonly Statistics[], sort: Sort) {
    this.#rows = rows;
    this.#sort = sort;
    // A terminal that is slow, or was stopped by Ctrl-S, gets no drawing that would be out of date on arrival.
    this.#timer = setInterval(() => isFlushed() && this.#draw(), REDRAW_INTERVAL_MS);
    Deno.addSignalListener("SIGWINCH", this.#onResize);
  }

  /** Does nothing: the mode adds results to the statistics. */
  add(): void {}

  end(): void {
    clearInterval(this.#timer);
    Deno.removeSignalListener("SIGWINCH", this.#onResize);
    this.#draw();
  }

  #draw(): void {
    const lines = tableLines(this.#rows, this.#sort, terminalSize(), performance.now());
    // The cursor is on the line below the table. One write, so that the screen never shows half a table.
    const cursorToTable = this.#drawnLines === 0 ? "" : `\r\x1b[${this.#drawnLines}A`;
    write(cursorToTable + lines.map((line) => `${line}${ERASE_TO_END_OF_LINE}\n`).join("") + ERASE_TO_END_OF_SCREEN);
    this.#drawnLines = lines.length;
  }
}
