/** The server of a testbed with two network stacks: opens and closes ports on request. */

import { Checker, type CheckTarget } from "../../mod.ts";
import { serveCalls } from "../support/rpc.ts";
import { Application } from "../support/application.ts";
import { readCounters } from "../support/counters.ts";
import { MptcpPort } from "../support/mptcp.ts";
import { SilentPort } from "../support/silence.ts";

export type Server = typeof methods;

/** The open listeners, by port. */
const open = new Map<number, Application | SilentPort | MptcpPort>();

const methods = {
  counters: readCounters,

  /** Opens a port with an application behind it. */
  listen(hostname: string, port: number, backlog?: number): void {
    open.set(port, new Application(hostname, port, backlog));
  },

  /** Opens a port whose accept queue is full. */
  async silence(hostname: string, port: number): Promise<void> {
    open.set(port, await SilentPort.open(hostname, port));
  },

  /** Empties the accept queue of a silent port. */
  async speak(port: number): Promise<void> {
    await (open.get(port) as SilentPort).speak();
  },

  /** Opens a port of all addresses of a family, with an application that speaks Multipath TCP. */
  listenMptcp(hostname: "0.0.0.0" | "::", port: number): void {
    open.set(port, new MptcpPort(hostname, port));
  },

  /** The number of accepted connections. */
  async accepted(port: number): Promise<number> {
    return await open.get(port)!.countAccepted();
  },

  /** Closes a port, and waits until it is closed: a pending accept() briefly keeps it open. */
  async close(hostname: string, port: number): Promise<void> {
    open.get(port)![Symbol.dispose]();
    open.delete(port);
    while (await isOpen(hostname, port));
  },

  /**
   * Floods an address of this host with the SYNs of checks. The test drops the answers.
   */
  async flood(target: CheckTarget, times: number): Promise<void> {
    await using stack = new AsyncDisposableStack();
    const checker = stack.use(new Checker());
    checker.checkingLoop();
    for (let i = 0; i < times; i++) checker.checkAddr(target, { timeout: 1e9 }).catch(() => {});
    // The timeout of this check shows that the earlier SYNs were sent.
    const { status } = await checker.checkAddr(target, 1);
    if (status !== "timeout") throw new Error(`a SYN of the flood was answered: ${status}`);
    flood.use(stack.move());
  },
};

const flood = new AsyncDisposableStack();

async function isOpen(hostname: string, port: number): Promise<boolean> {
  try {
    using _connection = await Deno.connect({ hostname, port });
    return true;
  } catch (error) {
    // If the port is closed in between, the connection is reset.
    return !(error instanceof Deno.errors.ConnectionRefused);
  }
}

await serveCalls(methods);
await flood[Symbol.asyncDispose]();
for (const port of open.values()) port[Symbol.dispose]();
