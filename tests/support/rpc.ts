/**
 * Actors: scripts in their own processes, driven step by step by remote calls.
 *
 * A call is a line of JSON on the script's stdin, an answer is a line on its stdout. Calls start in order; answers may
 * arrive in any order.
 */

import { lines } from "./lines.ts";
import { scriptCommand } from "./script.ts";

/** A script's methods by name. Arguments and results must be JSON. */
// deno-lint-ignore no-explicit-any -- any arguments
export type Methods = Record<string, (...args: any[]) => unknown>;

/** Client of a script in its own process. */
export class RpcProcess<M extends Methods> implements AsyncDisposable {
  readonly pid: number;
  readonly #script: string;
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly #calls = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #ended: Promise<void>;
  #lastCall = 0;

  /**
   * Starts a script.
   *
   * @param script Its file name in tests/scripts/.
   * @param shell Shell commands that run before it, in the same process.
   * @param wrapper The command that runs the shell.
   */
  constructor(script: string, shell: string, wrapper: readonly string[]) {
    const [command, ...args] = scriptCommand(script, shell, wrapper);
    this.#script = script;
    this.#child = new Deno.Command(command, { args, stdin: "piped", stdout: "piped" }).spawn();
    this.pid = this.#child.pid;
    this.#stdin = this.#child.stdin.getWriter();
    this.#ended = this.#listen();
  }

  /** Calls a method of the script, and returns its result. */
  async call<K extends keyof M & string>(name: K, ...args: Parameters<M[K]>): Promise<Awaited<ReturnType<M[K]>>> {
    const call = ++this.#lastCall;
    const answer = Promise.withResolvers<unknown>();
    this.#calls.set(call, answer);
    const line = new TextEncoder().encode(`${JSON.stringify({ call, name, args })}\n`);
    const [value] = await Promise.all([answer.promise, this.#stdin.write(line)]);
    return value as Awaited<ReturnType<M[K]>>;
  }

  /** Ends the script. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stdin.close();
    await this.#ended;
  }

  async #listen(): Promise<void> {
    for await (const line of lines(this.#child.stdout)) {
      const { call, value, error } = JSON.parse(line);
      if (error === undefined) this.#calls.get(call)!.resolve(value);
      else this.#calls.get(call)!.reject(new Error(`${this.#script}: ${error}`));
      this.#calls.delete(call);
    }
    const { code } = await this.#child.status;
    for (const { reject } of this.#calls.values()) reject(new Error(`${this.#script} ended with status ${code}`));
  }
}

/** Serves calls in a script until stdin is closed. */
export async function serveCalls(methods: Methods): Promise<void> {
  for await (const line of lines(Deno.stdin.readable)) {
    const { call, name, args } = JSON.parse(line);
    // Not awaited, because one call may need another to end.
    perform(() => methods[name](...args)).then((answer) => console.log(JSON.stringify({ call, ...answer })));
  }
}

async function perform(act: () => unknown): Promise<{ value: unknown } | { error: string }> {
  try {
    return { value: await act() };
  } catch (error) {
    return { error: String(error) };
  }
}
