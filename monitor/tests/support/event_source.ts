/** Client of server-sent events, as a browser's EventSource reads them. */

/** A message. */
export interface Message {
  readonly data: string;
  /** The id of the last event. */
  readonly id: string | undefined;
  readonly event: string;
}

/** A stream of messages. */
export class MessageStream implements AsyncDisposable {
  readonly #reader: ReadableStreamDefaultReader<string>;
  #text = "";
  #id: string | undefined;

  private constructor(body: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = body.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Connects. */
  static async open(url: string, headers: Record<string, string> = {}): Promise<MessageStream> {
    const response = await fetch(url, { headers: { Accept: "text/event-stream", ...headers } });
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
    return new MessageStream(response.body!);
  }

  /** The id of the last event, or of the event after which the stream started. */
  get id(): string | undefined {
    return this.#id;
  }

  /** Reads until the next message with data; without data if `isAny`. */
  async next(isAny = false): Promise<Message> {
    while (true) {
      const end = this.#text.indexOf("\n\n");
      if (end < 0) {
        const { done, value } = await this.#reader.read();
        if (done) throw new Error("The stream has ended");
        this.#text += value;
        continue;
      }
      const fields = new Map(
        this.#text.slice(0, end).split("\n").map((line): [string, string] => {
          const colon = line.indexOf(":");
          return [line.slice(0, colon), line.slice(colon + 1).trimStart()];
        }),
      );
      this.#text = this.#text.slice(end + 2);
      this.#id = fields.get("id") ?? this.#id;
      const data = fields.get("data");
      if (isAny || data !== undefined) {
        return { data: data ?? "", id: this.#id, event: fields.get("event") ?? "message" };
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader.cancel();
  }
}
