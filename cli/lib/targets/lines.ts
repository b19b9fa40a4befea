/** Lines of files and of stdin, read as they are wanted. */

import { quote } from "@tcp-shaker/tcp-shaker/quote";
import { UsageError } from "../usage_error.ts";

/** A file of targets, a line each. */
export interface LineSource {
  /** What messages call it. */
  readonly name: string;
  readonly stream: ReadableStream<Uint8Array>;
}

/** A line that has a target. */
export interface Line {
  /** From 1. */
  readonly number: number;
  /** The line, without comments and white space around it. */
  readonly text: string;
  /** Whether the text is only the first {@linkcode MAX_LINE} characters of it. */
  readonly isCut: boolean;
}

/** Characters of the longest line: twice what all ports take, in a list. The rest of a longer one is never held. */
export const MAX_LINE = 1 << 20;

/**
 * Opens a file.
 *
 * @param path Its path; `-` is stdin.
 * @returns The file.
 * @throws {UsageError} If it can't be read.
 */
export async function openLines(path: string): Promise<LineSource> {
  if (path === "-") return { name: "stdin", stream: Deno.stdin.readable };
  try {
    const file = await Deno.open(path);
    if ((await file.stat()).isDirectory) throw new UsageError(`Cannot read ${quote(path)}: it is a directory`);
    return { name: path, stream: file.readable };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`Cannot read ${quote(path)}: ${whyUnreadable(error as Error)}`);
  }
}

/**
 * Reads the lines that have a target. `#` starts a comment where a word could start.
 *
 * @param source The file.
 * @returns The lines.
 * @throws {Error} If the file can't be read to its end.
 */
export async function* readLines({ name, stream }: LineSource): AsyncGenerator<Line, void, void> {
  let number = 0;
  try {
    for await (const line of splitLines(stream)) {
      number++;
      const code = line.replace(/(?:^|\s)#.*/s, "");
      const text = code.trim();
      const isCut = code.length > MAX_LINE;
      if (text !== "" || isCut) yield { number, text, isCut };
    }
  } catch (error) {
    throw new Error(`Cannot read ${name} beyond line ${number}: ${(error as Error).message}`);
  }
}

/** As a carriage return at the end may be one half of CRLF, it ends no line before the next character is known. */
const LINE_END = /\r?\n|\r(?=[^\n])/;

/** Splits a text into lines. Of one with more than {@linkcode MAX_LINE} characters it gives one more than these. */
async function* splitLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, void, void> {
  let rest = "";
  /** The start of a line that is too long, while its end is looked for. */
  let start: string | undefined;
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split(LINE_END);
    rest = lines.pop()!;
    for (const line of lines) {
      yield start ?? line.slice(0, MAX_LINE + 1);
      start = undefined;
    }
    if (rest.length <= MAX_LINE + 1) continue;
    start ??= rest.slice(0, MAX_LINE + 1);
    rest = rest.slice(-1);
  }
  const last = start ?? rest;
  if (last !== "") yield last;
}

function whyUnreadable(error: Error): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file";
  if (error instanceof Deno.errors.NotCapable) {
    return "Deno was run without --allow-read; add it, or hand the file over with -f - < FILE";
  }
  // Deno adds the path, of any length.
  return error.message.replace(/: open '.*/s, "");
}
