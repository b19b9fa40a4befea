/** A configuration in a temporary folder, and the agent that runs it. */

import { loadLibrary } from "@tcp-shaker/tcp-shaker";
import { Agent, type AgentOptions } from "../../lib/agent/mod.ts";
import type { MonitorEvent } from "../../lib/event.ts";

// Loaded before the first test, because it stays loaded: the sanitizer would report a leak of the test that loads it.
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

  /** Starts an agent with it. */
  start(options: Partial<AgentOptions> = {}): Promise<Agent> {
    return Agent.start({
      source: this.path,
      onEvent: (event) => this.#add(this.events, event),
      onMessage: (message) => this.#add(this.messages, message),
      ...options,
    });
  }

  /** Waits until there is an event or a message for which a condition holds. */
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
