/** HTTP POST of JSON to a receiver whose URL may be a secret. */

import { withBasicAuth } from "../basic_auth.ts";

/** A receiver of POST requests. */
export interface Receiver {
  /** The URL. Error messages contain only its host and port. */
  readonly url: string | URL;
  /** Further headers, such as `Authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Timeout of a request in ms.
   *
   * @default {10000}
   */
  readonly timeout?: number;
  /** Called before each request, which is cancelled if the promise rejects. */
  readonly confirm?: () => Promise<void>;
}

/** Error of a request that the receiver rejected permanently, so that it is not retried. */
export class RejectedError extends Error {
  override readonly name = "RejectedError";
}

const TIMEOUT_MS = 10_000;
/** 4xx statuses that are retried: Request Timeout, Too Early, Too Many Requests. */
const TRY_AGAIN: readonly number[] = [408, 425, 429];
/** Maximum number of characters of an error's body in a message. */
const MAX_BODY_CHARACTERS = 200;

/**
 * Parses the URL of a receiver.
 *
 * @param url The URL.
 * @returns The URL.
 * @throws {TypeError} If the URL is malformed, or neither http: nor https:. The message doesn't contain the URL.
 */
export function parseReceiverUrl(url: string | URL): URL {
  const parsed = URL.parse(String(url));
  if (parsed === null) throw new TypeError("The URL of a receiver is malformed");
  if (parsed.protocol !== "http:" && parsed.protocol !== "https:") {
    throw new TypeError(`The URL of a receiver must begin with http: or https:, not ${parsed.protocol}`);
  }
  return parsed;
}

/**
 * Sends JSON.
 *
 * @param receiver The receiver.
 * @param body The value to send.
 * @param signal Aborts the request.
 * @throws {RejectedError} If the receiver answers with a 3xx or 4xx status that a retry won't change.
 * @throws {Error} If there is no answer, the status is not 2xx, or `confirm` rejects.
 */
export async function postJson(
  { url, headers, timeout = TIMEOUT_MS, confirm }: Receiver,
  body: unknown,
  signal: AbortSignal,
): Promise<void> {
  const { url: target, headers: credentials } = withBasicAuth(parseReceiverUrl(url));
  const { host } = target;
  await confirm?.();
  const { signal: requestSignal, cancel } = withTimeout(signal, timeout);
  try {
    const response = await fetch(target, {
      method: "POST",
      headers: { ...credentials, ...headers, "Content-Type": "application/json" },
      body: JSON.stringify(body),
      // A redirect would send the headers to another host.
      redirect: "manual",
      signal: requestSignal,
    });
    const text = await readBody(response);
    if (response.ok) return;
    const message = `${host} answers with status ${response.status}${text === "" ? "" : `: ${text}`}`;
    const isFinal = response.status < 500 && !TRY_AGAIN.includes(response.status);
    throw isFinal ? new RejectedError(message) : new Error(message);
  } catch (error) {
    if (error instanceof TypeError) throw new Error(`${host} can't be reached: ${reasonOf(error)}`);
    if (signal.aborted) throw new Error(`${host} did not answer before the end of the monitor`);
    if (requestSignal.aborted) throw new Error(`${host} does not answer within ${timeout / 1000} s`);
    throw error;
  } finally {
    cancel();
  }
}

function withTimeout(signal: AbortSignal, timeout: number): { signal: AbortSignal; cancel: () => void } {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), timeout);
  return { signal: AbortSignal.any([signal, controller.signal]), cancel: () => clearTimeout(timer) };
}

/** Reads the beginning of an error's body, as one line. */
async function readBody(response: Response): Promise<string> {
  if (response.ok || response.body === null) {
    await response.body?.cancel();
    return "";
  }
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length >= MAX_BODY_CHARACTERS) break;
  }
  return text.slice(0, MAX_BODY_CHARACTERS).replaceAll(/\s+/g, " ").trim();
}

/** Returns why a fetch() failed, without the URL, which may be a secret. */
function reasonOf({ cause, message }: TypeError): string {
  // fetch() blocks the same ports as browsers.
  if (!(cause instanceof Error)) return /Requests to port \d+ are blocked/.exec(message)?.[0] ?? "the request failed";
  return cause.message.replace(/^error sending request for url \(\S*\): /, "");
}
