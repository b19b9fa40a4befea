/** Full screen of a terminal: the alternate screen, without cursor. Only changed lines are written. */

import { isFlushed, terminalSize, write } from "../output.ts";
import type { Size } from "./frame.ts";
import type { Keyboard } from "./keyboard.ts";

const CSI = "\x1b[";
/**
 * The alternate screen, no cursor, and no wrapping at the right margin, because a filter may contain wide characters.
 */
const ENTER = `${CSI}?1049h${CSI}?25l${CSI}?7l`;
const LEAVE = `${CSI}?7h${CSI}?25h${CSI}?1049l`;
/** Synchronized output: terminals that support it show the frame at once, others ignore it. */
const BEGIN_FRAME = `${CSI}?2026h`;
const END_FRAME = `${CSI}?2026l`;
const ERASE_SCREEN = `${CSI}0m${CSI}2J`;
const ERASE_LINE = `${CSI}K`;
/** Two UTF-8 letters and a request for the cursor's column, which reveals whether the terminal supports UTF-8. */
const ASK_FOR_UTF8 = `${CSI}H\u00e9\u2581${CSI}6n`;
/** The column that a terminal reports if it supports UTF-8 and draws each letter one column wide. */
export const UTF8_COLUMN = 3;

let entered: Screen | undefined;

/** The screen of stdout, a capable terminal. */
export class Screen {
  readonly #keyboard: Keyboard;
  #size: Size = { columns: 0, rows: 0 };
  #lines: readonly string[] = [];

  /** @param keyboard The keyboard, which is in raw mode while the screen is shown. */
  constructor(keyboard: Keyboard) {
    this.#keyboard = keyboard;
  }

  /**
   * Shows the screen, empty, and grabs the keyboard.
   *
   * @param asksForUtf8 Whether to request a cursor report, which reveals whether the terminal supports UTF-8.
   */
  enter(asksForUtf8: boolean): void {
    entered = this;
    this.#keyboard.grab();
    write(ENTER + (asksForUtf8 ? ASK_FOR_UTF8 : ""));
    this.forget();
  }

  /** Restores the previous screen, and releases the keyboard. */
  leave(): void {
    if (entered !== this) return;
    entered = undefined;
    write(LEAVE);
    this.#keyboard.release();
  }

  /** Whether the screen is shown. */
  get isShown(): boolean {
    return entered === this;
  }

  /** Whether the last frame is written. Frames for a slow terminal are skipped, because they would arrive late. */
  get isReady(): boolean {
    return isFlushed();
  }

  /** Makes the next frame a full redraw. */
  forget(): void {
    this.#size = { columns: 0, rows: 0 };
  }

  /**
   * Draws the lines that differ from the previous frame.
   *
   * @param render Makes the lines for a size.
   */
  draw(render: (size: Size) => readonly string[]): void {
    const size = terminalSize();
    const isNew = size.columns !== this.#size.columns || size.rows !== this.#size.rows;
    const lines = render(size);
    // Erases before the text, because the cursor stays on the last letter of a line that fills its row.
    const changes = lines.flatMap((line, i) =>
      isNew || line !== this.#lines[i] ? [`${CSI}${i + 1}H${ERASE_LINE}${line}`] : []
    );
    this.#size = size;
    this.#lines = lines;
    if (changes.length === 0) return;
    write(BEGIN_FRAME + (isNew ? ERASE_SCREEN : "") + changes.join("") + END_FRAME);
  }
}

/** Leaves the screen, if it is shown, so that later output stays visible. */
export function leaveScreen(): void {
  entered?.leave();
}
