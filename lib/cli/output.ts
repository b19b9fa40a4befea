/** Standard output and standard error, and the status line that is the last of what a terminal shows. */

const encoder = new TextEncoder();
const ERASE = "\r\x1b[K";
const isTerminal = { stdout: Deno.stdout.isTerminal(), stderr: Deno.stderr.isTerminal() };

let status = "";

/**
 * Prints a line. Unlike `console.log()` it tells when it can't.
 *
 * @param text The line, or several.
 * @throws {Deno.errors.BrokenPipe} If nobody reads stdout any more.
 */
export function print(text: string): void {
  write(`${text}\n`);
}

/**
 * Prints as it is, without a line's end.
 *
 * @param text What to print.
 * @throws {Deno.errors.BrokenPipe} If nobody reads stdout any more.
 */
export function write(text: string): void {
  aroundStatus(isTerminal.stdout, () => writeAll(Deno.stdout, text));
}

/**
 * Prints a line to stderr. When it can't, nobody is there to be told.
 *
 * @param text The line, or several.
 */
export function complain(text: string): void {
  aroundStatus(isTerminal.stderr, () => tell(`${text}\n`));
}

/**
 * Shows a line below everything else, in place of the one before it: on stderr, and on a terminal only.
 *
 * @param text The line; "" removes it.
 */
export function showStatus(text: string): void {
  if (!isTerminal.stderr || (text === "" && status === "")) return;
  // A line that wraps could not be erased.
  status = text.slice(0, terminalSize().columns - 1);
  tell(ERASE + status);
}

/**
 * Gives the size of the terminal.
 *
 * @returns The size; that of old terminals if it doesn't know its own, as serial lines don't.
 */
export function terminalSize(): { columns: number; rows: number } {
  const { columns, rows } = Deno.consoleSize();
  return { columns: columns || 80, rows: rows || 24 };
}

function aroundStatus(sharesTerminal: boolean, act: () => void): void {
  if (status === "" || !sharesTerminal) return act();
  tell(ERASE);
  act();
  tell(status);
}

function tell(text: string): void {
  try {
    writeAll(Deno.stderr, text);
  } catch {
    // stderr is closed or full; what was asked for is done all the same.
  }
}

function writeAll(to: { writeSync(bytes: Uint8Array): number }, text: string): void {
  let rest = encoder.encode(text);
  while (rest.length > 0) rest = rest.subarray(to.writeSync(rest));
}
