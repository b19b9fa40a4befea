/** Target list from a URL, like Prometheus' http_sd. */

import type { HttpListConfiguration } from "../config/configuration.ts";
import { withBasicAuth } from "../basic_auth.ts";
import type { MonitorTarget } from "../target.ts";
import { ListError } from "./list_error.ts";
import { formatsAreEqual, type ListOwner, type TargetList } from "./target_list.ts";

/** Prometheus' default. */
const REFRESH_INTERVAL = 60_000;
const TIMEOUT = 10_000;
/** Maximum size of a body in bytes; 100,000 targets take 5 million. */
const MAX_BODY = 64 * 2 ** 20;

/** A list from a URL. */
export class HttpList implements TargetList {
  readonly name: string;
  readonly #configuration: HttpListConfiguration;
  readonly #owner: ListOwner;
  /** The text of the last read; absent if it was parsed in another format. */
  #text: string | undefined;
  #targets: readonly MonitorTarget[] = [];
  #problem: string | undefined;
  #readAt: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #reading: Promise<void> | undefined;
  readonly #ended = new AbortController();

  /**
   * @param configuration The list's configuration.
   * @param index The list's number, from 0. It is the list's name, because the URL may contain a password.
   * @param owner Called after changes.
   * @param before A list of the same URL, whose targets are kept if the URL can't be read.
   */
  constructor(configuration: HttpListConfiguration, index: number, owner: ListOwner, before?: TargetList) {
    if (before instanceof HttpList) {
      this.#targets = before.#targets;
      if (formatsAreEqual(before.#owner.format, owner.format)) this.#text = before.#text;
    }
    this.#configuration = configuration;
    this.#owner = owner;
    this.name = `http_sd_configs[${index}]`;
  }

  get targets(): readonly MonitorTarget[] {
    return this.#targets;
  }

  get size(): number {
    return this.#targets.length;
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  get readAt(): number | undefined {
    return this.#readAt;
  }

  async start(): Promise<void> {
    this.#reading = this.#read();
    await this.#reading;
    if (this.#ended.signal.aborted) return;
    this.#timer = setTimeout(() => void this.start(), this.#interval);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort();
    clearTimeout(this.#timer);
    await this.#reading;
  }

  get #interval(): number {
    return this.#configuration.refreshInterval ?? REFRESH_INTERVAL;
  }

  async #read(): Promise<void> {
    const { format, onRead } = this.#owner;
    const [targetsBefore, problemBefore, isFirst] = [this.#targets, this.#problem, this.#readAt === undefined];
    try {
      const text = await this.#get();
      if (text !== this.#text) this.#targets = await this.#owner.parse(text, { ...format, syntax: "json" });
      this.#text = text;
      this.#problem = undefined;
    } catch (error) {
      this.#problem = this.#withoutUrl(reasonOf(error as Error));
    }
    if (this.#ended.signal.aborted) return;
    this.#readAt = Date.now();
    if (isFirst || this.#targets !== targetsBefore || this.#problem !== problemBefore) onRead();
  }

  async #get(): Promise<string> {
    const { url, headers } = requestOf(this.#configuration.url.reveal());
    const signal = AbortSignal.any([this.#ended.signal, AbortSignal.timeout(TIMEOUT)]);
    headers.set("X-Prometheus-Refresh-Interval-Seconds", String(this.#interval / 1000));
    const response = await fetch(url, { headers, signal });
    const type = response.headers.get("Content-Type") ?? "";
    if (response.status !== 200 || !/^application\/json(?:\s*;\s*charset\s*=\s*"?utf-8"?)?\s*$/i.test(type)) {
      await response.body?.cancel();
      throw new ListError(
        response.status === 200
          ? `The Content-Type is ${JSON.stringify(type)}: it must be application/json`
          : `The HTTP status is ${response.status}: it must be 200`,
      );
    }
    return await readBody(response);
  }

  /** Removes the URL, which the messages of `fetch()` contain. */
  #withoutUrl(message: string): string {
    const url = this.#configuration.url.reveal();
    return message.replaceAll(requestOf(url, url).url, "<secret>").replaceAll(url, "<secret>");
  }
}

/** Returns the reason of a failed `fetch()`, which is in the cause. */
function reasonOf({ name, message, cause }: Error): string {
  if (name === "TimeoutError") return `There was no complete response within ${TIMEOUT / 1000} s`;
  return cause instanceof Error ? cause.message : message;
}

/** Replaces user and password in the URL by a header, because `fetch()` rejects URLs with credentials. */
function requestOf(text: string, otherwise?: string): { url: string; headers: Headers } {
  const headers = new Headers({ Accept: "application/json", "User-Agent": "tcp-checker" });
  if (!URL.canParse(text)) {
    if (otherwise !== undefined) return { url: otherwise, headers };
    throw new ListError("The URL is malformed: use http://host:port/path");
  }
  const { url, headers: credentials } = withBasicAuth(new URL(text));
  for (const [name, value] of Object.entries(credentials)) headers.set(name, value);
  return { url: url.href, headers };
}

async function readBody(response: Response): Promise<string> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_BODY) throw new ListError(`The body has more than ${MAX_BODY} bytes: split the list`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
