/** Colours of statuses and states, on a terminal without `NO_COLOR` (https://no-color.org). */

import { styleText } from "node:util";
import type { State } from "@tcp-shaker/monitor";
import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import { hasCursorControl } from "../streams.ts";
import { type Paint, PLAIN, STYLED } from "./paint.ts";

const COLOURS = {
  "up": "green",
  "refused": "red",
  "timeout": "yellow",
  "unreachable": "red",
  "unresolved": "magenta",
  "denied": "magenta",
  "local-error": "magenta",
} as const satisfies Record<CheckResult["status"], string>;

const STATE_COLOURS = {
  "up": "green",
  "down": "red",
  "unknown": "yellow",
  "maintenance": "blue",
} as const satisfies Record<State, string>;

const isColoured = hasCursorControl.stdout && !Deno.noColor;

/** The styles of the help on stdout. */
export const paint: Paint = isColoured ? STYLED : PLAIN;

/**
 * Colours a text by a status.
 *
 * @param status The status.
 * @param text The text.
 * @returns The text, coloured if stdout shows colours.
 */
export function coloured(status: CheckResult["status"], text: string): string {
  return isColoured ? styleText(COLOURS[status], text, { validateStream: false }) : text;
}

/**
 * Colours a text by a state of the monitor.
 *
 * @param state The state.
 * @param text The text.
 * @returns The text, coloured if stdout shows colours.
 */
export function colouredState(state: State, text: string): string {
  return isColoured ? styleText(STATE_COLOURS[state], text, { validateStream: false }) : text;
}
