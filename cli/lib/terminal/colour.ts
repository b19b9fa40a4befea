/** Colours of statuses, on a terminal without `NO_COLOR` (https://no-color.org). */

import { styleText } from "node:util";
import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import { isCapable } from "./capable.ts";

const COLOURS = {
  "up": "green",
  "refused": "red",
  "timeout": "yellow",
  "unreachable": "red",
  "unresolved": "magenta",
  "denied": "magenta",
  "local-error": "magenta",
} as const satisfies Record<CheckResult["status"], string>;

const isColoured = isCapable.stdout && !Deno.noColor;

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
