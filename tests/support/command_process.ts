/** A process in which the command runs many times, because the start of a process takes longer than most runs. */

import type { Ended } from "./command.ts";

const ROOT = new URL("../../", import.meta.url);
const SCRIPT = "tests/scripts/runs.ts";

/** A process that runs the command, once per call of {@linkcode run}. */
export class CommandProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly #stdout: Output;
  readonly #stderr: Output;
  #last: Promise<unknown> = Promise.resolve();

  /** @param command The command, which ends with its module. */
  constructor(command: readonly string[]) {
    const [program, ...args] = [...command.slice(0, -1), command.at(-1)!.replace(/mod\.ts$/, SCRIPT)];
    const streams = { stdin: "piped", stdout: "piped", stderr: "piped" } as const;
    this.#child = new Deno.Command(program, { args, cwd: ROOT, ...streams }).spawn();
    this.#stdin = this.#child.stdin.getWriter();
    this.#stdout = new Output(this.#child.stdout);
    this.#stderr = new Output(this.#child.stderr);
  }

  /** Runs the command to its end, after earlier runs. */
  run(args: readonly string[]): Promise<Ended> {
    const ended = this.#last.then(() => this.#run(args));
    this.#last = ended.catch(() => {});
    return ended;
  }

  /** Ends the process. */
  async [Symbol.asyncDispose](): Promise<void> {
    // After an error the process has already ended.
    await this.#stdin.close().catch(() => {});
    await Promise.all([this.#stdout.cancel(), this.#stderr.cancel(), this.#child.status]);
  }

  async #run(args: readonly string[]): Promise<Ended> {
    // Encoded, because readline ends a line at other characters too.
    await this.#stdin.write(new TextEncoder().encode(`${encodeURIComponent(JSON.stringify(args))}\n`));
    const [stdout, stderr] = await Promise.all([this.#stdout.untilNul(), this.#stderr.untilNul()]);
    return { code: Number(await this.#stdout.untilNul()), stdout, stderr };
  }
}

/** A stream of texts that end with NUL. */
class Output {
  readonly #reader: ReadableStreamDefaultReader<string>;
  #text = "";

  constructor(stream: ReadableStream<BufferSource>) {
    this.#reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  }

  async untilNul(): Promise<string> {
    while (!this.#text.includes("\0")) {
      const { done, value } = await this.#reader.read();
      if (done) throw new Error(`The process of the command ended: ${this.#text}`);
      this.#text += value;
    }
    const end = this.#text.indexOf("\0");
    const text = this.#text.slice(0, end);
    this.#text = this.#text.slice(end + 1);
    return text;
  }

  async cancel(): Promise<void> {
    await this.#reader.cancel();
  }
}

/** Runs the command once per list of arguments, in one process. */
export async function runEach(lists: readonly (readonly string[])[], command: readonly string[]): Promise<Ended[]> {
  await using process = new CommandProcess(command);
  // The process runs one list at a time.
  return await Promise.all(lists.map((args) => process.run(args)));
}
