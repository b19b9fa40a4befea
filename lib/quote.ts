/**
 * Escaping and quoting of untrusted text for terminals, logs and error messages.
 *
 * ```ts
 * import { printable, quote } from "@tcp-shaker/tcp-shaker/quote";
 *
 * console.log(quote("red\u{9b}31m")); // "red\u009b31m", in quotes
 * console.log(printable("gpj\u{202e}.exe")); // gpj\u202e.exe
 * ```
 *
 * @module
 */

/**
 * Characters that a terminal interprets or does not show: controls (Cc: C0, DEL, and C1 with the 8-bit CSI), format
 * characters (Cf: bidirectional overrides, zero-width spaces), line and paragraph separators, lone surrogates.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * Escapes control and format characters, each UTF-16 unit as in JSON: `\u009b`. Other text is unchanged, so escaped JSON
 * has the same meaning.
 *
 * @param text The text.
 * @returns The text, without any character that a terminal interprets or does not show.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    const units = character.split("");
    return units.map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join("");
  });
}

/**
 * Quotes a value for a message: on one line, escaped, and truncated if it is long.
 *
 * @param value The value, of any type. A string gets double quotes, and is escaped as in JSON.
 * @param max The maximum length of the result in characters, with escapes and without the quotes.
 * @returns The value in quotes, or in the format of `Deno.inspect()`; a truncated value is followed by its length.
 */
export function quote(value: unknown, max = 80): string {
  if (typeof value === "string") return cut(value, max, (text) => JSON.stringify(text).slice(1, -1), '"');
  const text = Deno.inspect(value, { depth: 1, breakLength: Infinity }).replace(/\s+/g, " ");
  return cut(text, max, (text) => text, "");
}

/** Escapes and truncates a text, without splitting a character or an escape. */
function cut(text: string, max: number, escape: (text: string) => string, mark: string): string {
  // Escapes only the start, because a text may have hundreds of megabytes.
  const start = text.slice(0, max + 1);
  const whole = printable(escape(start));
  if (start.length === text.length && whole.length <= max) return mark + whole + mark;
  let shown = "";
  for (const character of start) {
    const next = printable(escape(character));
    if (shown.length + next.length > max) break;
    shown += next;
  }
  return `${mark}${shown}${mark}... (${text.length} characters)`;
}
