/** Daemons of tests, on loopback. */

/** A port of 127.0.0.1 that is free at this moment. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

/** A running program. */
export class Daemon implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #log: Promise<string>;

  /** Starts a program. */
  constructor(program: string, args: readonly string[]) {
    this.#child = new Deno.Command(program, { args: [...args], stdout: "null", stderr: "piped" }).spawn();
    this.#log = new Response(this.#child.stderr).text();
  }

  /** Waits until a URL answers with a status of the 2xx range. */
  async ready(url: string): Promise<void> {
    const ended = this.#child.status.then(async () => {
      throw new Error(`The program has ended: ${await this.#log}`);
    });
    while (!await Promise.race([answers(url), ended])) await delay(50);
    ended.catch(() => {});
  }

  /** Waits until a port of 127.0.0.1 is open. */
  async listens(port: number): Promise<void> {
    while (true) {
      try {
        return (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      } catch {
        await delay(50);
      }
    }
  }

  /** Kills the program. */
  async kill(): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // The process has already ended.
    }
    await this.#child.status;
    await this.#log;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}

/**
 * Polls until the answer satisfies a condition. A test that hangs here fails by the time limit of its file.
 *
 * @param ask Returns the current answer.
 * @param isWanted The condition.
 * @returns The answer.
 */
export async function eventually<T>(ask: () => T | Promise<T>, isWanted: (answer: T) => boolean): Promise<T> {
  while (true) {
    const answer = await ask();
    if (isWanted(answer)) return answer;
    await delay(50);
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url);
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
