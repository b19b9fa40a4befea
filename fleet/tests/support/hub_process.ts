/** Hub in its own process, which a test can pause and kill. */

import type { HubOptions } from "../../lib/hub/mod.ts";

const SCRIPT = new URL("../scripts/hub.ts", import.meta.url).pathname;

export class HubProcess implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;

  /** Starts a hub. */
  constructor(options: HubOptions) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-check", "--quiet", "--allow-all", SCRIPT, JSON.stringify(options)],
      stdin: "null",
      stderr: "null",
    }).spawn();
  }

  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Ends the process, by `SIGKILL` unless another signal is given. */
  async kill(signal: Deno.Signal = "SIGKILL"): Promise<void> {
    this.#child.kill(signal);
    await this.#child.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.kill();
    } catch (error) {
      // The process has already ended.
      if (!(error instanceof TypeError)) throw error;
    }
  }
}
