/** Colour, on a terminal whose user wants it (https://no-color.org). */

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

const wanted = isCapable.stdout && !Deno.noColor;

/**
 * Colours what is written about a status.
 *
 * @param status The status.
 * @param text What is written.
 * @returns It, in colour where that is wanted.
 */
export function coloured(status: CheckResult["status"], text: string): string {
  return wanted ? styleText(COLOURS[status], text, { validateStream: false }) : text;
}
