/** A pipe whose reader does not read. */

/** Time limit of a command, so that a test fails instead of waiting forever. */
const GUARD = ["timeout", "--signal=KILL", "60"];

/** A full pipe, used as the stdout of a command. */
export class FullPipe implements AsyncDisposable {
  readonly #folder: string;
  readonly #nonBlocking: boolean;

  private constructor(folder: string, nonBlocking: boolean) {
    this.#folder = folder;
    this.#nonBlocking = nonBlocking;
  }

  /**
   * Creates a full pipe.
   *
   * @param options Whether the command is handed a non-blocking descriptor, as by ssh.
   */
  static async make({ nonBlocking = false } = {}): Promise<FullPipe> {
    return new FullPipe(await Deno.makeTempDir(), nonBlocking);
  }

  /** Runs a command with the pipe as its stdout. */
  command(command: readonly string[]): string[] {
    // Flags that dd sets on an inherited descriptor apply to all processes that share it.
    const full = this.#nonBlocking ? ">&3" : 'of="$0"';
    const fill = `dd if=/dev/zero bs=4096 oflag=nonblock ${full} 2> /dev/null`;
    return [...GUARD, "sh", "-c", `mkfifo "$0"; exec 3<> "$0"; ${fill}; exec "$@" >&3 3>&-`, this.#path, ...command];
  }

  /** Reads what the command has printed, up to its end. */
  async read(): Promise<string> {
    return (await Deno.readTextFile(this.#path)).replace(/^\0+/, "");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }

  get #path(): string {
    return `${this.#folder}/pipe`;
  }
}
