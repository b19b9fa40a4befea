/** The command, as a user runs it. */

const ROOT = new URL("../../", import.meta.url);

/** The end of the command: exit status and output. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command with only the permission that it needs. */
export const COMMAND = [Deno.execPath(), "run", "--no-prompt", "--allow-ffi", "cli/mod.ts"] as const;

/** The command with another permission instead of the one for half-open checks. */
export function commandAllowed(permission: string): string[] {
  return COMMAND.map((part) => part === "--allow-ffi" ? permission : part);
}

/** The command with more permissions, or other flags for Deno. */
export function commandWith(...flags: string[]): string[] {
  return [...COMMAND.slice(0, -1), ...flags, "cli/mod.ts"];
}

/** Runs a command, `COMMAND` by default, to its end, with a text on its stdin. */
export async function run(
  args: readonly string[],
  command: readonly string[] = COMMAND,
  stdin = "",
): Promise<Ended> {
  const [program, ...first] = command;
  const child = new Deno.Command(program, {
    args: [...first, ...args],
    cwd: ROOT,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const [output] = await Promise.all([
    child.output(),
    // The command may end before it has read all input.
    new Blob([stdin]).stream().pipeTo(child.stdin).catch(() => {}),
  ]);
  const decoder = new TextDecoder();
  return { code: output.code, stdout: decoder.decode(output.stdout), stderr: decoder.decode(output.stderr) };
}

/** The command while it runs. */
export class RunningCommand {
  readonly #child: Deno.ChildProcess;
  readonly stdout: Output;
  readonly stderr: Output;

  constructor(args: readonly string[], command: readonly string[] = COMMAND) {
    const [program, ...first] = command;
    this.#child = new Deno.Command(program, { args: [...first, ...args], cwd: ROOT, stdout: "piped", stderr: "piped" })
      .spawn();
    this.stdout = new Output(this.#child.stdout);
    this.stderr = new Output(this.#child.stderr);
  }

  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Waits for the end. */
  async ended(): Promise<Ended> {
    const [stdout, stderr, { code }] = await Promise.all([this.stdout.all(), this.stderr.all(), this.#child.status]);
    return { code, stdout, stderr };
  }
}

/** The output of a running command. */
class Output {
  readonly #reader: ReadableStreamDefaultReader<string>;
  #text = "";

  constructor(stream: ReadableStream<BufferSource>) {
    this.#reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Waits for output that matches, and returns all output until then. */
  async until(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.#text)) {
      if (!await this.#read()) {
        throw new Error(`The command ended without output that matches ${pattern}: ${this.#text}`);
      }
    }
    return this.#text;
  }

  /** Waits for the rest of the output. */
  async all(): Promise<string> {
    while (await this.#read());
    return this.#text;
  }

  /** Closes our end of the pipe. */
  async close(): Promise<void> {
    await this.#reader.cancel();
  }

  async #read(): Promise<boolean> {
    const { done, value } = await this.#reader.read();
    if (!done) this.#text += value;
    return !done;
  }
}
