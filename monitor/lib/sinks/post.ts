/** HTTP POST of JSON to a receiver whose URL may be a secret. */

import { withBasicAuth } from "../basic_auth.ts";

/** A receiver of POST requests. */
export interface Receiver {
  /** Its URL. No error message contains more of it than the host and the port. */
  readonly url: string | URL;
  /** Further headers, such as `Authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Timeout of a request in ms.
   *
   * @default {10000}
   */
  readonly timeout?: number;
  /** Called before each request. If it rejects, no request is made. */
  readonly confirm?: () => Promise<void>;
}

/** Error of a request that the receiver rejected permanently, so a retry is useless. */
export class RejectedError extends Error {
  override readonly name = "RejectedError";
}

const TIMEOUT_MS = 10_000;
/** 4xx statuses after which to retry: Request Timeout, Too Early, Too Many Requests. */
const TRY_AGAIN: readonly number[] = [408, 425, 429];
/** Maximum length of the part of an error's body that a message contains. */
const MAX_BODY_CHARACTERS = 200;

/**
 * Parses the URL of a receiver.
 *
 * @param url The URL.
 * @returns The URL.
 * @throws {TypeError} If it is malformed, or neither http: nor https:. The message doesn't contain it.
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
 * @param body What is sent.
 * @param signal Aborts the request.
 * @throws {RejectedError} If the receiver answers with a status of the 3xx or 4xx range that another attempt won't
 * change.
 * @throws {Error} If there is no answer, or another status than 2xx, or `confirm` rejects.
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

/** Reads the beginning of an error's body, on one line. The rest is not read. */
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

/** Why a fetch() failed. The message of its cause begins with the URL, which may be a secret. */
function reasonOf({ cause, message }: TypeError): string {
  // Browsers' list of blocked ports holds for fetch(), too.
  if (!(cause instanceof Error)) return /Requests to port \d+ are blocked/.exec(message)?.[0] ?? "the request failed";
  return cause.message.replace(/^error sending request for url \(\S*\): /, "");
}
