/**
 * Queue of writes to stdout and stderr, and the status line at the bottom of a terminal.
 *
 * Writes keep their order across both streams. They are asynchronous, so that a slow reader delays neither signals nor
 * checks; text that is printed meanwhile is joined to the next write. Code that prints without an end waits for
 * {@linkcode untilWritable}, which bounds the queue.
 */

import { setTimeout as delay } from "node:timers/promises";
import { printable } from "@tcp-shaker/tcp-shaker/quote";
import { abortable } from "./abortable.ts";
import { isCapable } from "./terminal/capable.ts";

/** High-water mark of the queue in characters, above which {@linkcode untilWritable} waits. */
const HIGH_WATER_MARK = 1 << 18;
/** Bytes per write: a reader of 32 KB/s takes them within half a second; less would cost more calls. */
const MAX_WRITE_BYTES = 1 << 14;
/** Delay before the next attempt to write to a non-blocking pipe that is full: Deno doesn't report when it has room. */
const RETRY_DELAY_MS = 10;
/** After a signal, how often a reader is found to have taken nothing before the rest is dropped: half a second in all. */
const STALLED_POLLS = 10;
/** Short, because a process that gets no CPU for a while must not take its own delay for its reader's. */
const STALL_POLL_MS = 50;

const encoder = new TextEncoder();
const ERASE_LINE = "\r\x1b[K";

/** Text in the queue. */
interface Chunk {
  readonly to: "stdout" | "stderr";
  text: string;
}

const queue: Chunk[] = [];
/** Number of characters in the queue and in the write in progress. */
let queuedCharacters = 0;
/** Bytes written so far. */
let writtenBytes = 0;
/** Resolves when the queue is empty; never rejects; `undefined` while it is empty. */
let draining: Promise<void> | undefined;
/** Resolves when the queue is below the mark; `undefined` if no code waits for that. */
let writable: PromiseWithResolvers<void> | undefined;
/** The status line to show, and the one on the screen. */
let [statusLine, shownStatusLine] = ["", ""];
const stdoutController = new AbortController();

/** Aborts with the error when stdout can't be written: {@linkcode Deno.errors.BrokenPipe} if its reader has closed it. */
export const stdoutFailure: AbortSignal = stdoutController.signal;

/**
 * Prints a line to stdout. Control and format characters are escaped, because most texts contain foreign ones.
 *
 * @param text One or more lines, without the last line end.
 */
export function print(text: string): void {
  printEscaped(escapeLines(text));
}

/**
 * Prints a line to stdout as it is, with the escape sequences of our colours.
 *
 * @param text One or more lines, without the last line end, in which foreign text is escaped already.
 */
export function printEscaped(text: string): void {
  write(`${text}\n`);
}

/**
 * Writes text to stdout as it is.
 *
 * @param text The text, with its line ends.
 */
export function write(text: string): void {
  if (!stdoutFailure.aborted) enqueue("stdout", text);
}

/**
 * Prints a line to stderr; failures to write are ignored. Control and format characters are escaped, because messages of
 * the runtime contain names of files and programs unescaped.
 *
 * @param text One or more lines, without the last line end.
 */
export function printError(text: string): void {
  enqueue("stderr", `${escapeLines(text)}\n`);
}

/**
 * Sets the status line: the last line of a terminal, below everything printed. It goes to stderr, and only if that is a
 * terminal that can erase it.
 *
 * @param text The line, which replaces the one before; "" removes it.
 */
export function setStatusLine(text: string): void {
  if (!isCapable.stderr) return;
  // A line that wraps could not be erased.
  statusLine = printable(text).slice(0, terminalSize().columns - 1);
  draining ??= drain();
}

/** Whether all output is written. */
export function isFlushed(): boolean {
  return draining === undefined;
}

/**
 * Waits until the queue is below its high-water mark.
 *
 * @param signal Ends the wait.
 * @throws The reason of the signal, if it aborts first.
 */
export async function untilWritable(signal?: AbortSignal): Promise<void> {
  if (queuedCharacters <= HIGH_WATER_MARK) return;
  const { promise } = writable ??= Promise.withResolvers();
  await (signal === undefined ? promise : abortable(promise, signal));
}

/**
 * Waits until all output is written. Once the signal has aborted, it gives up when the reader takes nothing for half a
 * second.
 *
 * @param signal The signal.
 * @throws The reason of {@linkcode stdoutFailure}, if stdout can't be written.
 * @throws The reason of the signal, if the reader takes nothing.
 */
export async function flush(signal: AbortSignal): Promise<void> {
  while (draining !== undefined && !signal.aborted) await abortable(draining, signal).catch(() => {});
  for (let stalled = 0, before = writtenBytes; draining !== undefined; before = writtenBytes) {
    await Promise.race([draining, delay(STALL_POLL_MS, undefined, { ref: false })]);
    stalled = writtenBytes === before ? stalled + 1 : 0;
    if (draining !== undefined && stalled >= STALLED_POLLS) throw signal.reason;
  }
  stdoutFailure.throwIfAborted();
}

/**
 * Gives the size of the terminal.
 *
 * @returns The size; 80 by 24 if the terminal doesn't know it, as serial lines don't, or was closed.
 */
export function terminalSize(): { columns: number; rows: number } {
  const { columns, rows } = consoleSize();
  return { columns: columns || 80, rows: rows || 24 };
}

function escapeLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

function consoleSize(): { columns: number; rows: number } {
  try {
    return Deno.consoleSize();
  } catch {
    return { columns: 0, rows: 0 };
  }
}

function enqueue(to: Chunk["to"], text: string): void {
  const last = queue.at(-1);
  if (last?.to === to) last.text += text;
  else queue.push({ to, text });
  queuedCharacters += text.length;
  draining ??= drain();
}

async function drain(): Promise<void> {
  // All text of one turn of the event loop is joined to one write.
  await undefined;
  while (queue.length > 0 || shownStatusLine !== statusLine) await writeNext();
  draining = undefined;
}

async function writeNext(): Promise<void> {
  const chunk = queue.shift();
  if (chunk === undefined) {
    shownStatusLine = statusLine;
    return await writeAll("stderr", ERASE_LINE + statusLine);
  }
  if (shownStatusLine !== "" && isCapable[chunk.to]) {
    shownStatusLine = "";
    await writeAll("stderr", ERASE_LINE);
  }
  await writeAll(chunk.to, chunk.text);
  queuedCharacters -= chunk.text.length;
  if (queuedCharacters > HIGH_WATER_MARK) return;
  writable?.resolve();
  writable = undefined;
}

async function writeAll(to: Chunk["to"], text: string): Promise<void> {
  try {
    for (let rest = encoder.encode(text); rest.length > 0 && !(to === "stdout" && stdoutFailure.aborted);) {
      const count = await writeSome(Deno[to], rest.subarray(0, MAX_WRITE_BYTES));
      writtenBytes += count;
      rest = rest.subarray(count);
    }
  } catch (error) {
    // The checks continue when stderr is closed or full.
    if (to === "stdout") stdoutController.abort(error);
  }
}

async function writeSome(to: typeof Deno.stdout, bytes: Uint8Array): Promise<number> {
  try {
    return await to.write(bytes);
  } catch (error) {
    if (!(error instanceof Deno.errors.WouldBlock)) throw error;
    await delay(RETRY_DELAY_MS);
    return 0;
  }
}
