/**
 * Standard output and standard error, and the status line that is the last of what a terminal shows.
 *
 * What is printed is written in its order, to whichever of the two, and by calls that don't hold up signals and checks
 * while a reader takes its time; meanwhile more lines gather for the next call. Whoever prints without an end waits for
 * {@linkcode room}.
 */

import { setTimeout as delay } from "node:timers/promises";
import { printable } from "@tcp-shaker/tcp-shaker/quote";
import { isCapable } from "./terminal/capable.ts";
import { unlessAborted } from "./unless_aborted.ts";

/** Characters that wait to be written, beyond which there is no room for more. */
const BOUND = 1 << 18;
/** Bytes of a write: a reader of 32 KB/s takes them within {@linkcode PATIENCE}; fewer would be more calls for all others. */
const PIECE = 1 << 14;
/** How soon a reader is asked again who has made our end of a full pipe non-blocking: nothing tells us of room there. */
const ASKED_AGAIN_AFTER = 10;
/** For how long a reader may take nothing, once a signal has come. */
const PATIENCE = 500;

const encoder = new TextEncoder();
const ERASE = "\r\x1b[K";

/** What is to be written, and where to. */
interface Chunk {
  readonly to: "stdout" | "stderr";
  text: string;
}

const chunks: Chunk[] = [];
/** Characters of the chunks, with those of the one that is being written. */
let waiting = 0;
/** Bytes written so far. */
let written = 0;
/** Ends when there is nothing left to write; never rejects. */
let writing: Promise<void> | undefined;
/** Ends when there is room; `undefined` if there is. */
let roomMade: PromiseWithResolvers<void> | undefined;
/** The status line as it is to be, and as it is. */
let [status, shown] = ["", ""];
const breakage = new AbortController();

/** Aborts when stdout can't be written: with {@linkcode Deno.errors.BrokenPipe} if nobody reads it any more. */
export const broken: AbortSignal = breakage.signal;

/**
 * Prints a line.
 *
 * @param text The line, or several.
 */
export function print(text: string): void {
  write(`${text}\n`);
}

/**
 * Prints as it is, without a line's end.
 *
 * @param text What to print.
 */
export function write(text: string): void {
  if (!broken.aborted) put("stdout", text);
}

/**
 * Prints a line to stderr, without an error where that fails. It escapes control and format characters, because messages
 * of the runtime have names of files and programs as they are.
 *
 * @param text The line, or several.
 */
export function complain(text: string): void {
  put("stderr", `${text.split("\n").map(printable).join("\n")}\n`);
}

/**
 * Shows a line below everything else, in place of the one before it: on stderr, and on a terminal only that can.
 *
 * @param text The line; "" removes it.
 */
export function showStatus(text: string): void {
  if (!isCapable.stderr) return;
  // A line that wraps could not be erased.
  status = printable(text).slice(0, terminalSize().columns - 1);
  writing ??= writeAll();
}

/** Whether everything is written. */
export function isFlushed(): boolean {
  return writing === undefined;
}

/**
 * Waits until what was printed has been taken, but for so much that memory is of no concern.
 *
 * @param signal Ends the wait.
 * @throws The reason of the signal, if that is first.
 */
export async function room(signal?: AbortSignal): Promise<void> {
  if (waiting <= BOUND) return;
  const { promise } = roomMade ??= Promise.withResolvers();
  await (signal === undefined ? promise : unlessAborted(promise, signal));
}

/**
 * Waits until everything is written. Once the signal has aborted it waits for nobody who takes nothing.
 *
 * @param signal The signal.
 * @throws The reason of {@linkcode broken}, if stdout can't be written.
 * @throws The reason of the signal, if there is no end to the wait.
 */
export async function flush(signal: AbortSignal): Promise<void> {
  while (writing !== undefined && !signal.aborted) await unlessAborted(writing, signal).catch(() => {});
  while (writing !== undefined) {
    const before = written;
    await Promise.race([writing, delay(PATIENCE, undefined, { ref: false })]);
    if (writing !== undefined && written === before) throw signal.reason;
  }
  broken.throwIfAborted();
}

/**
 * Gives the size of the terminal.
 *
 * @returns The size; that of old terminals if it doesn't know its own, as serial lines don't, or was closed.
 */
export function terminalSize(): { columns: number; rows: number } {
  const { columns, rows } = knownSize();
  return { columns: columns || 80, rows: rows || 24 };
}

function knownSize(): { columns: number; rows: number } {
  try {
    return Deno.consoleSize();
  } catch {
    return { columns: 0, rows: 0 };
  }
}

function put(to: Chunk["to"], text: string): void {
  const last = chunks.at(-1);
  if (last?.to === to) last.text += text;
  else chunks.push({ to, text });
  waiting += text.length;
  writing ??= writeAll();
}

async function writeAll(): Promise<void> {
  // What is printed in this turn goes together.
  await undefined;
  while (chunks.length > 0 || shown !== status) await writeNext();
  writing = undefined;
}

async function writeNext(): Promise<void> {
  const chunk = chunks.shift();
  if (chunk === undefined) {
    shown = status;
    return await send("stderr", ERASE + status);
  }
  if (shown !== "" && isCapable[chunk.to]) {
    shown = "";
    await send("stderr", ERASE);
  }
  await send(chunk.to, chunk.text);
  waiting -= chunk.text.length;
  if (waiting > BOUND) return;
  roomMade?.resolve();
  roomMade = undefined;
}

async function send(to: Chunk["to"], text: string): Promise<void> {
  try {
    for (let rest = encoder.encode(text); rest.length > 0 && !(to === "stdout" && broken.aborted);) {
      const count = await writeSome(Deno[to], rest.subarray(0, PIECE));
      written += count;
      rest = rest.subarray(count);
    }
  } catch (error) {
    // When stderr is closed or full, what was asked for is done all the same.
    if (to === "stdout") breakage.abort(error);
  }
}

async function writeSome(to: typeof Deno.stdout, bytes: Uint8Array): Promise<number> {
  try {
    return await to.write(bytes);
  } catch (error) {
    if (!(error instanceof Deno.errors.WouldBlock)) throw error;
    await delay(ASKED_AGAIN_AFTER);
    return 0;
  }
}
