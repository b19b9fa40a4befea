/** An agent with its HTTP server on loopback. */

import { request } from "node:http";
import type { Agent } from "../../lib/agent/mod.ts";
import { startServer } from "../../lib/serve/mod.ts";
import { AgentFile } from "./agent_file.ts";

/** A response. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export class ServedAgent implements AsyncDisposable {
  readonly file: AgentFile;
  readonly agent: Agent;

  private constructor(file: AgentFile, agent: Agent) {
    this.file = file;
    this.agent = agent;
  }

  /** Starts an agent with a configuration. */
  static async start(text: string, listen = "127.0.0.1:0"): Promise<ServedAgent> {
    const file = new AgentFile(text);
    return new ServedAgent(file, await file.start({ listen, startServer }));
  }

  get url(): string {
    return `http://127.0.0.1:${this.agent.address!.port}`;
  }

  /** Sends a request. Unlike fetch() it lets a test choose the header Host. */
  ask(
    path: string,
    options: { method?: string; headers?: Record<string, string>; body?: string } = {},
  ): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const { port } = this.agent.address!;
    const { body, ...rest } = options;
    const outgoing = request({ host: "127.0.0.1", port, path, agent: false, ...rest }, async (incoming) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of incoming) chunks.push(chunk);
      const headers = new Headers(
        Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)]),
      );
      resolve({ status: incoming.statusCode!, headers, text: await new Blob(chunks as BlobPart[]).text() });
    });
    outgoing.on("error", reject);
    outgoing.end(body);
    return promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.agent[Symbol.asyncDispose]();
    await this.file[Symbol.asyncDispose]();
  }
}
