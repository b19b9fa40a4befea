/** Keys of a terminal, parsed from the bytes that it sends. */

/** A key, or a character that was typed or pasted. */
export type Key =
  | "up"
  | "down"
  | "page-up"
  | "page-down"
  | "home"
  | "end"
  | "enter"
  | "escape"
  | "backspace"
  | "erase"
  | { readonly text: string };

/** Cursor report of a terminal. */
export interface CursorReport {
  /** From 1. */
  readonly column: number;
}

/** Input from a terminal. */
export type Input = Key | CursorReport;

/** Sequences of xterm, in normal and in application mode, and those of rxvt and the Linux console. */
const SEQUENCES: Readonly<Record<string, Key>> = {
  "[A": "up",
  "OA": "up",
  "[B": "down",
  "OB": "down",
  "[5~": "page-up",
  "[6~": "page-down",
  "[H": "home",
  "OH": "home",
  "[1~": "home",
  "[7~": "home",
  "[F": "end",
  "OF": "end",
  "[4~": "end",
  "[8~": "end",
};

const CONTROLS: Readonly<Record<string, Key>> = {
  "\r": "enter",
  "\n": "enter",
  "\b": "backspace",
  "\x7f": "backspace",
  "\x15": "erase", // Ctrl-U
};

const TOKEN =
  // deno-lint-ignore no-control-regex -- keys are sent as control characters
  /\x1b(?<sequence>\[[\x20-\x3f]*[\x40-\x7e]|O[\x40-\x7e])|(?<control>[\x00-\x1f\x7f])|(?<text>[^\x00-\x1f\x7f])/gu;

/**
 * Parses input from a terminal. A key is not split, because the terminal sends it in one write.
 *
 * @param text The result of one read.
 * @returns The keys; unknown ones are left out.
 */
export function parseInput(text: string): Input[] {
  return [...text.matchAll(TOKEN)].flatMap(({ groups }): Input[] => {
    const { sequence, control, text = "" } = groups!;
    if (sequence !== undefined) return sequenceInput(sequence);
    if (control === "\x1b") return ["escape"];
    const key = control === undefined ? { text } : CONTROLS[control];
    return key === undefined ? [] : [key];
  });
}

function sequenceInput(sequence: string): Input[] {
  const report = /^\[\d+;(?<column>\d+)R$/.exec(sequence);
  if (report !== null) return [{ column: Number(report.groups!.column) }];
  const key = SEQUENCES[sequence];
  return key === undefined ? [] : [key];
}
