/** Keyboard of a terminal in raw mode, in which keys arrive at once and are not echoed. */

import { setTimeout as delay } from "node:timers/promises";
import { isTerminal } from "../streams.ts";
import { type CursorReport, type Key, parseInput } from "./keys.ts";

/** Time limit for the terminal's cursor report. The view waits for it, because a late report would reach the shell. */
const REPORT_TIMEOUT_MS = 500;

/** Reads keys from stdin, if it is a terminal. Ctrl-C and Ctrl-Z remain signals. */
export class Keyboard {
  readonly #report = Promise.withResolvers<CursorReport | undefined>();
  #isGrabbed = false;

  /** Whether stdin is a terminal. */
  get isPresent(): boolean {
    return isTerminal.stdin;
  }

  /** Enters raw mode. */
  grab(): void {
    this.#setRaw(true);
  }

  /** Leaves raw mode. */
  release(): void {
    this.#setRaw(false);
  }

  /**
   * Calls back for each key until stdin ends.
   *
   * @param onKey Called with each key.
   */
  async read(onKey: (key: Key) => void): Promise<void> {
    if (!this.isPresent) return;
    const decoder = new TextDecoder();
    const buffer = new Uint8Array(1024);
    for (let count: number | null; (count = await readSome(buffer)) !== null;) {
      for (const input of parseInput(decoder.decode(buffer.subarray(0, count), { stream: true }))) {
        if (typeof input === "object" && "column" in input) this.#report.resolve(input);
        else if (this.#isGrabbed) onKey(input);
      }
    }
  }

  /**
   * Waits for the cursor report.
   *
   * @returns The report; `undefined` if the terminal doesn't answer in time.
   */
  async report(): Promise<CursorReport | undefined> {
    return this.isPresent ? await Promise.race([this.#report.promise, delay(REPORT_TIMEOUT_MS, undefined)]) : undefined;
  }

  #setRaw(isRaw: boolean): void {
    if (!this.isPresent || this.#isGrabbed === isRaw) return;
    this.#isGrabbed = isRaw;
    try {
      Deno.stdin.setRaw(isRaw, { cbreak: Deno.build.os !== "windows" });
    } catch {
      // The terminal was closed.
    }
  }
}

async function readSome(buffer: Uint8Array): Promise<number | null> {
  try {
    return await Deno.stdin.read(buffer);
  } catch {
    return null;
  }
}
