/** Configuration in a temporary folder, and its agent. */

import { loadLibrary } from "@tcp-shaker/tcp-shaker";
import { Agent, type AgentOptions } from "../../lib/agent/mod.ts";
import type { MonitorEvent } from "../../lib/event.ts";

// Loaded before the first test, because it is never unloaded, which the sanitizer would report as a leak.
await loadLibrary();

/** A temporary folder with the file `agent.yml`. */
export class AgentFile implements AsyncDisposable {
  readonly folder: string = Deno.makeTempDirSync();
  readonly path: string = `${this.folder}/agent.yml`;
  /** All events so far. */
  readonly events: MonitorEvent[] = [];
  /** All messages so far. */
  readonly messages: string[] = [];
  #wake = Promise.withResolvers<void>();

  /** @param text The configuration. */
  constructor(text: string) {
    this.write(text);
  }

  /** Writes another configuration. */
  write(text: string): void {
    Deno.writeTextFileSync(this.path, text);
  }

  /** Starts an agent with the configuration. */
  start(options: Partial<AgentOptions> = {}): Promise<Agent> {
    return Agent.start({
      source: this.path,
      onEvent: (event) => this.#add(this.events, event),
      onMessage: (message) => this.#add(this.messages, message),
      ...options,
    });
  }

  /** Waits for an event or message that satisfies a condition. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await this.#wake.promise;
  }

  /** Removes the folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }

  #add<Item>(items: Item[], item: Item): void {
    items.push(item);
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }
}
