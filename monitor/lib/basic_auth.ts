/** Basic authentication from URLs. */

/**
 * Moves user and password of a URL into a header, because `fetch()` rejects URLs with credentials.
 *
 * @param given The URL.
 * @returns The URL without credentials, and the header, if there were any.
 */
export function withBasicAuth(given: URL): { url: URL; headers: Record<string, string> } {
  const url = new URL(given);
  const { username, password } = url;
  if (username === "" && password === "") return { url, headers: {} };
  url.username = url.password = "";
  const bytes = new TextEncoder().encode(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
  return { url, headers: { Authorization: `Basic ${btoa(String.fromCharCode(...bytes))}` } };
}
