/** Agent in its own process, which a test can pause and kill. */

import type { FleetAgentStatus } from "../../lib/agent/mod.ts";
import type { AgentProcessOptions } from "../scripts/agent.ts";
import { ProcessLog } from "./process_log.ts";

const SCRIPT = new URL("../scripts/agent.ts", import.meta.url).pathname;

/** Status of an agent and its process. */
export interface ProcessStatus extends FleetAgentStatus {
  readonly checks: number;
  /** Resident memory in bytes. */
  readonly rss: number;
}

export class AgentProcess implements AsyncDisposable {
  readonly name: string;
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly #stdout: ProcessLog;
  readonly #stderr: ProcessLog;

  /** Starts an agent, with a wrapper command if one is given. */
  constructor(options: AgentProcessOptions, wrapper: readonly string[] = []) {
    this.name = options.name;
    const [program, ...args] = [
      ...wrapper,
      ...[Deno.execPath(), "run", "--no-check", "--quiet", "--allow-all", SCRIPT, JSON.stringify(options)],
    ];
    const command = new Deno.Command(program, { args, stdin: "piped", stdout: "piped", stderr: "piped" });
    this.#child = command.spawn();
    this.#stdin = this.#child.stdin.getWriter();
    this.#stdout = new ProcessLog(this.#child.stdout);
    this.#stderr = new ProcessLog(this.#child.stderr);
  }

  /** Waits until the process has started. */
  async started(): Promise<void> {
    await this.#stdout.until(/started\n/);
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Its stderr, line by line. */
  get messages(): string {
    return this.#stderr.text;
  }

  /** Makes targets refuse, or answer again. */
  async setTargets(verb: "down" | "up", ...targets: string[]): Promise<void> {
    await this.#write(targets.map((target) => `${verb} ${target}\n`).join(""));
  }

  /** Requests its status. */
  async status(): Promise<ProcessStatus> {
    return await this.#ask("status") as ProcessStatus;
  }

  /** Requests the sequences of the events that its monitor has published. */
  async sequences(): Promise<number[]> {
    const { sequences } = await this.#ask("sequences") as { sequences: number[] };
    return sequences;
  }

  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Ends the process, by `SIGKILL` unless another signal is given. */
  async kill(signal: Deno.Signal = "SIGKILL"): Promise<Deno.CommandStatus> {
    this.#child.kill(signal);
    return await this.#ended();
  }

  async #ask(question: string): Promise<unknown> {
    const { length } = this.#stdout.text;
    await this.#write(`${question}\n`);
    await this.#stdout.until(/^\{.*\}\n/m, length);
    return JSON.parse(this.#stdout.text.slice(length));
  }

  async #ended(): Promise<Deno.CommandStatus> {
    const [status] = await Promise.all([this.#child.status, this.#stdout.ended, this.#stderr.ended]);
    await this.#stdin.abort().catch(() => {});
    return status;
  }

  async #write(text: string): Promise<void> {
    await this.#stdin.write(new TextEncoder().encode(text));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // The process has already ended.
    }
    await this.#ended();
  }
}
