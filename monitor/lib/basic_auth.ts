/** Basic authentication from URLs. */

/**
 * Moves user and password of a URL into a header, because `fetch()` refuses a URL with them.
 *
 * @param given The URL.
 * @returns The URL without them, and the header, if there is anything to move.
 */
export function withBasicAuth(given: URL): { url: URL; headers: Record<string, string> } {
  const url = new URL(given);
  const { username, password } = url;
  if (username === "" && password === "") return { url, headers: {} };
  url.username = url.password = "";
  const bytes = new TextEncoder().encode(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
  return { url, headers: { Authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` } };
}
