/** Lines of a byte stream, without the modules of Node, which take longer to load than most scripts run. */

/** Decodes a stream, and yields its lines; what follows the last line end is dropped. */
export async function* lines(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split("\n");
    rest = parts.pop()!;
    yield* parts;
  }
}
