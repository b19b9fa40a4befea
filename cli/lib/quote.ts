/**
 * Shows in a message what the user gave, on one line, cut short where it is long.
 *
 * @param text What was given.
 * @returns It, in quotes.
 */
export function quote(text: string): string {
  const quoted = JSON.stringify(text);
  return quoted.length > 100 ? `${quoted.slice(0, 100)}... (${quoted.length} characters)` : quoted;
}
