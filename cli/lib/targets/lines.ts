/** Reads lines of files and of stdin, on demand. */

import { quote } from "@tcp-shaker/tcp-shaker/quote";
import { UsageError } from "../usage_error.ts";

/** A file of targets. */
export interface LineSource {
  /** The name in messages. */
  readonly name: string;
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** A line with a target. */
export interface Line {
  /** From 1. */
  readonly number: number;
  /** The line without its comment, and without white space at both ends. */
  readonly text: string;
  /** Whether the line is longer than {@linkcode MAX_LINE}, so that the text is only its start. */
  readonly isCut: boolean;
}

/** Maximum length of a line in characters: twice a list of all ports. The rest of a longer line is not kept. */
export const MAX_LINE = 1 << 20;

/**
 * Opens a file.
 *
 * @param path Its path; `-` is stdin.
 * @returns The open file.
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
 * Reads the lines with a target. `#` starts a comment at the start of a line or after white space.
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
    throw new Error(`Cannot read ${name} after line ${number}: ${(error as Error).message}`);
  }
}

/** A carriage return at the end may be half of CRLF, so it ends a line only if another character follows. */
const LINE_END = /\r?\n|\r(?=[^\n])/;

/** Splits a stream into lines. A line longer than {@linkcode MAX_LINE} is cut one character after this length. */
async function* splitLines(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string, void, void> {
  let rest = "";
  /** The start of a line that is too long, until its end is found. */
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
    return "Deno was run without --allow-read; add it, or use -f - < FILE";
  }
  // Removes the path, which Deno appends uncut.
  return error.message.replace(/: open '.*/s, "");
}
