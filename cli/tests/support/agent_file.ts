/** A configuration file of `tcp-checker monitor`. */

import { commandWith } from "../../../tests/support/command.ts";

/** A configuration in a temporary folder, and the arguments and the command that run it. */
export class AgentFile implements AsyncDisposable {
  readonly folder = Deno.makeTempDirSync();
  readonly path = `${this.folder}/agent.yml`;
  readonly args = ["monitor", "--config", this.path];

  constructor(text: string) {
    this.write(text);
  }

  write(text: string): void {
    Deno.writeTextFileSync(this.path, text);
  }

  command(...flags: string[]): string[] {
    return commandWith(`--allow-read=${this.path}`, ...flags);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** Options for quick checks. */
export const FAST = "monitor: { interval: 50ms }\n";
