/** Commands in a copy of the repository. */

/** How a command ended. */
export interface Ended {
  readonly success: boolean;
  /** What it printed. */
  readonly text: string;
  /** Whether it ended by itself. */
  readonly inTime: boolean;
}

/** Far longer than any file of tests takes, in seconds: a mutant may well lose results, and tests then wait for them. */
const PATIENCE = { build: 1800, tests: 300 };
/** `timeout`'s own exit status, and that of whoever did not end by SIGTERM. */
const TOO_LATE = [124, 137];

/** Runs commands in a folder, and keeps what they print in a file. */
export class Run {
  readonly #folder: string;
  readonly #log: string;

  /**
   * @param folder Where commands run.
   * @param log The file.
   */
  constructor(folder: string, log: string) {
    this.#folder = folder;
    this.#log = log;
    Deno.writeTextFileSync(log, "");
  }

  /** Runs a command that builds something. */
  build(command: string, args: string[], env: Record<string, string> = {}): Promise<Ended> {
    return this.#run(PATIENCE.build, command, args, env);
  }

  /** Runs tests. */
  tests(command: string, args: string[]): Promise<Ended> {
    return this.#run(PATIENCE.tests, command, args, {});
  }

  async #run(seconds: number, command: string, args: string[], env: Record<string, string>): Promise<Ended> {
    // It ends the processes that tests have started, too.
    const { code, stdout, stderr } = await new Deno.Command("timeout", {
      args: ["--kill-after=5", String(seconds), command, ...args],
      cwd: this.#folder,
      env: { NO_COLOR: "1", CARGO_TERM_COLOR: "never", ...env },
    }).output();
    const [text, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    const shown = `$ ${command} ${args.join(" ")}\n${text}${errors}exit status ${code}\n\n`;
    Deno.writeTextFileSync(this.#log, shown, { append: true });
    return { success: code === 0, text, inTime: !TOO_LATE.includes(code) };
  }
}
