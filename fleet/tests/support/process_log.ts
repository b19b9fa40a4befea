/** Log of a process, line by line. */

/** Reads a stream to its end. Tests wait for lines of it. */
export class ProcessLog {
  /** The text so far. */
  text = "";
  /** Resolves at the end of the stream. */
  readonly ended: Promise<void>;
  #grown = Promise.withResolvers<void>();
  #hasEnded = false;

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.ended = this.#read(stream);
  }

  /**
   * Waits for text that matches a pattern.
   *
   * @param pattern The pattern.
   * @param from Start of the search in the log.
   */
  async until(pattern: RegExp, from = 0): Promise<void> {
    while (!pattern.test(this.text.slice(from))) {
      if (this.#hasEnded) throw new Error(`The process ended without ${pattern}, its log is: ${this.text}`);
      await this.#grown.promise;
    }
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      this.text += text;
      this.#grow();
    }
    this.#hasEnded = true;
    this.#grow();
  }

  #grow(): void {
    this.#grown.resolve();
    this.#grown = Promise.withResolvers();
  }
}
