/**
 * A table that is drawn again and again, in place.
 *
 * It leaves the terminal as it is: no other screen, no hidden cursor, no raw mode. So there is nothing to restore,
 * however we end: by Ctrl-C, Ctrl-Z or SIGKILL; and the last table stays to be read.
 */

import type { Report } from "../reports/report.ts";
import { isFlushed, terminalSize, write } from "../output.ts";
import type { Row } from "./row.ts";
import { type Sort, tableLines } from "./table.ts";

const REDRAWN_EVERY = 250;
const TO_END_OF_LINE = "\x1b[K";
const TO_END_OF_SCREEN = "\x1b[J";
const TO_TOP = "\x1b[H";

/** Draws from time to time, and when the terminal has another size. */
export class LiveTable implements Report {
  readonly #rows: readonly Row[];
  readonly #sort: Sort;
  readonly #timer: ReturnType<typeof setInterval>;
  /** Lines of the last drawing. */
  #drawn = 0;
  readonly #onResize = () => {
    // Nobody knows where the lines are now that the terminal has folded them: we start on a clean screen.
    write(TO_TOP + TO_END_OF_SCREEN);
    this.#drawn = 0;
    this.#draw();
  };

  constructor(rows: readonly Row[], sort: Sort) {
    this.#rows = rows;
    this.#sort = sort;
    // A terminal that is slow, or was stopped by Ctrl-S, is not sent what is out of date when it comes.
    this.#timer = setInterval(() => isFlushed() && this.#draw(), REDRAWN_EVERY);
    Deno.addSignalListener("SIGWINCH", this.#onResize);
  }

  /** The rows have it already. */
  take(): void {}

  end(): void {
    clearInterval(this.#timer);
    Deno.removeSignalListener("SIGWINCH", this.#onResize);
    this.#draw();
  }

  #draw(): void {
    const lines = tableLines(this.#rows, this.#sort, terminalSize(), performance.now());
    // The cursor is on the line below the table. In one piece, so that no half of it is ever shown.
    const back = this.#drawn === 0 ? "" : `\r\x1b[${this.#drawn}A`;
    write(back + lines.map((line) => `${line}${TO_END_OF_LINE}\n`).join("") + TO_END_OF_SCREEN);
    this.#drawn = lines.length;
  }
}
