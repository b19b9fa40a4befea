/**
 * Queue of writes to stdout and stderr, and the status line at the bottom of a terminal.
 *
 * Writes keep their order across both streams. They are asynchronous, so that a slow reader delays neither signals nor
 * checks. Text printed during a write is joined to the next write. Code that prints in a loop must wait for
 * {@linkcode untilWritable}, which bounds the queue.
 */

import { setTimeout as delay } from "node:timers/promises";
import { printable } from "@tcp-shaker/tcp-shaker/quote";
import { abortable } from "./abortable.ts";
import { hasCursorControl } from "./streams.ts";

/** High-water mark of the queue in characters, above which {@linkcode untilWritable} waits. */
const HIGH_WATER_MARK = 1 << 18;
/** Bytes per write, so that a reader of 32 KB/s makes progress within half a second. */
const MAX_WRITE_BYTES = 1 << 14;
/** Delay before the next write to a full non-blocking pipe, because Deno doesn't report when the pipe has room. */
const RETRY_DELAY_MS = 10;
/** After a signal, number of polls without progress of the reader after which the rest is dropped. */
const STALLED_POLLS = 10;
/** Interval of these polls. Several short polls, so that a pause of this process does not count as a stalled reader. */
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
/** Resolves when the queue is below the high-water mark; `undefined` without a waiter. */
let writable: PromiseWithResolvers<void> | undefined;
/** The status line to show, and the one on the screen. */
let [statusLine, shownStatusLine] = ["", ""];
const stdoutController = new AbortController();

/**
 * Aborts with the error when a write to stdout fails: {@linkcode Deno.errors.BrokenPipe} if its reader has closed it.
 */
export const stdoutFailure: AbortSignal = stdoutController.signal;

/**
 * Prints a line to stdout. Control and format characters are escaped, because texts contain names from outside.
 *
 * @param text One or more lines, without the last line end.
 */
export function print(text: string): void {
  printEscaped(escapeLines(text));
}

/**
 * Prints a line to stdout unchanged, with escape sequences of colours.
 *
 * @param text One or more lines, without the last line end. Text from outside must be escaped.
 */
export function printEscaped(text: string): void {
  write(`${text}\n`);
}

/**
 * Writes text to stdout unchanged.
 *
 * @param text The text, with its line ends.
 */
export function write(text: string): void {
  if (!stdoutFailure.aborted) enqueue("stdout", text);
}

/**
 * Prints a line to stderr, and ignores failed writes. Control and format characters are escaped, because error messages
 * of the runtime contain unescaped names of files and programs.
 *
 * @param text One or more lines, without the last line end.
 */
export function printError(text: string): void {
  enqueue("stderr", `${escapeLines(text)}\n`);
}

/**
 * Sets the status line, the last line of a terminal. It is written to stderr, if that is a terminal with cursor
 * control.
 *
 * @param text The line, which replaces the previous status line; "" removes it.
 */
export function setStatusLine(text: string): void {
  if (!hasCursorControl.stderr) return;
  // Cut, because a wrapped line could not be erased.
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
 * Waits until all output is written. After the signal has aborted, it gives up if nothing is read for half a second.
 *
 * @param signal The signal.
 * @throws The reason of {@linkcode stdoutFailure}, if stdout can't be written.
 * @throws The reason of the signal, if nothing is read.
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

/** Returns the size of the terminal; 80 by 24 if it is unknown, as on serial lines, or if the terminal was closed. */
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
  // Deferred, so that all text of one event-loop turn becomes one write.
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
  if (shownStatusLine !== "" && hasCursorControl[chunk.to]) {
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
