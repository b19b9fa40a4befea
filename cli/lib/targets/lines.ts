/** Lines of files and of stdin, read as they are wanted. */

import { createInterface } from "node:readline";
import { Readable } from "node:stream";
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
  readonly text: string;
}

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
 * @returns The lines, without comments and white space around them.
 */
export async function* readLines({ stream }: LineSource): AsyncGenerator<Line, void, void> {
  let number = 0;
  for await (const line of createInterface({ input: Readable.fromWeb(stream), crlfDelay: Infinity })) {
    number++;
    const text = line.replace(/(?:^|\s)#.*/s, "").trim();
    if (text !== "") yield { number, text };
  }
}

function whyUnreadable(error: Error): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file";
  if (error instanceof Deno.errors.NotCapable) {
    return "Deno was run without --allow-read; add it, or hand the file over with -f - < FILE";
  }
  return error.message;
}
