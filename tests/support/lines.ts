/** Lines of a byte stream, without Node's modules, whose loading takes longer than most scripts. */

/** Decodes a stream, and yields its lines; drops an incomplete last line. */
export async function* lines(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split("\n");
    rest = parts.pop()!;
    yield* parts;
  }
}
