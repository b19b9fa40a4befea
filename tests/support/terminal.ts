/** The command on a pseudo-terminal, with an emulator that renders the screen. */

// deno-lint-ignore no-import-prefix -- in deno.json every user would download it
import xterm from "npm:@xterm/headless@6.0.0";
import { COMMAND } from "./command.ts";

const ROOT = new URL("../../", import.meta.url);

/** The longest wait for a screen. */
const MAX_WAIT_MS = 60_000;

/** Options of a terminal. */
export interface TerminalOptions {
  /** 0 if unknown. */
  readonly columns?: number;
  readonly rows?: number;
  /** Environment variables; NO_COLOR is unset by default. */
  readonly env?: Record<string, string>;
  /** How the terminal decodes output. */
  readonly encoding?: "utf-8" | "latin1";
  /** What runs the command, if not Deno as elsewhere. */
  readonly command?: readonly string[];
}

/** A terminal in which the command runs. */
export class Terminal implements Disposable {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ReadableStreamDefaultReader<string>;
  readonly #emulator: xterm.Terminal;
  #raw = "";

  constructor(
    args: readonly string[],
    { columns = 80, rows = 24, env = {}, encoding = "utf-8", command: program = COMMAND }: TerminalOptions = {},
  ) {
    this.#emulator = new xterm.Terminal({ cols: columns || 80, rows: rows || 24, allowProposedApi: true });
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const command = ["env", "-u", "NO_COLOR", ...variables, ...program, ...args];
    // `script` makes the pseudo-terminal, and ends as the command does. The first line is its name.
    const line = `stty cols ${columns} rows ${rows}; tty; exec ${command.map(quoted).join(" ")}`;
    this.#child = new Deno.Command("script", {
      args: ["--quiet", "--flush", "--return", "--command", line, "/dev/null"],
      cwd: ROOT,
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#output = this.#child.stdout.pipeThrough(new TextDecoderStream(encoding)).getReader();
    // Answers of the terminal, as to the question where its cursor is.
    this.#emulator.onData((answer) => void this.type(answer).catch(() => {}));
  }

  /** The lines that its user sees, without the name of the terminal. */
  get screen(): string[] {
    const { active } = this.#emulator.buffer;
    const lines = Array.from({ length: this.#emulator.rows }, (_, i) => active.getLine(active.viewportY + i));
    return lines.map((line) => line?.translateToString(true) ?? "").filter((line) => !line.startsWith("/dev/"));
  }

  /** What the screen shows, as one text without the empty lines below. */
  get text(): string {
    return this.screen.join("\n").trimEnd();
  }

  /** Everything that was written to it. */
  get raw(): string {
    return this.#raw;
  }

  /** Whether it shows the alternate screen. */
  get isAlternate(): boolean {
    return this.#emulator.buffer.active.type === "alternate";
  }

  /** Whether it shows its cursor, and wraps lines at its right margin. */
  get modes(): { cursor: boolean; wraparound: boolean } {
    const last = (on: string, off: string) => this.#raw.lastIndexOf(on) >= this.#raw.lastIndexOf(off);
    return { cursor: last("\x1b[?25h", "\x1b[?25l"), wraparound: this.#emulator.modes.wraparoundMode };
  }

  /** The modes that its driver is in, as `stty -a` prints them. */
  async settings(): Promise<string> {
    const { stdout } = await new Deno.Command("stty", { args: ["-a", "-F", this.#device] }).output();
    return new TextDecoder().decode(stdout);
  }

  /** Sends a signal to `script`, whose child is the command. */
  signal(name: Deno.Signal): void {
    this.#child.kill(name);
  }

  /** The column of the cursor, from 0. */
  get cursorColumn(): number {
    return this.#emulator.buffer.active.cursorX;
  }

  /** Waits until the screen shows something that matches, for at most {@linkcode MAX_WAIT_MS}. */
  async until(pattern: RegExp): Promise<void> {
    let cause = "The command ended";
    const timer = setTimeout(() => {
      cause = `${MAX_WAIT_MS / 1000} s have passed`;
      this.#child.kill("SIGKILL");
    }, MAX_WAIT_MS);
    try {
      while (!pattern.test(this.text)) {
        if (!await this.#read()) throw new Error(`${cause} without ${pattern}, the screen shows:\n${this.text}`);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Types a text. "\x03" is Ctrl-C. */
  async type(text: string): Promise<void> {
    await this.#input.write(new TextEncoder().encode(text));
  }

  /** Gives it another size, as its user would with the mouse. */
  async resize(columns: number, rows: number): Promise<void> {
    this.#emulator.resize(columns, rows);
    const args = ["-F", this.#device, "cols", String(columns), "rows", String(rows)];
    await new Deno.Command("stty", { args }).output();
  }

  /** Closes it, as its user would with the window. */
  async hangUp(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.ended();
  }

  /** Waits for the end. */
  async ended(): Promise<number> {
    while (await this.#read());
    await this.#input.close().catch(() => {});
    return (await this.#child.status).code;
  }

  [Symbol.dispose](): void {
    this.#emulator.dispose();
  }

  get #device(): string {
    return this.#raw.match(/\/dev\/\S+/)![0];
  }

  async #read(): Promise<boolean> {
    const { done, value } = await this.#output.read();
    if (done) return false;
    this.#raw += value;
    await new Promise<void>((resolve) => this.#emulator.write(value, resolve));
    return true;
  }
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
