/** The engines that tests run over, and the differences between their results. */

import { Checker, type CheckResult } from "../../mod.ts";
import { namespaceTest } from "./namespace.ts";

/** An engine. */
export interface EngineUnderTest {
  readonly name: CheckResult["engine"];
  /** The permission that the engine needs. */
  readonly permission: string;
  /** The reason why the engine can't run outside of a namespace here; `undefined` if it can. */
  readonly missing?: string;
  /** The `engine` and `mode` of each result. */
  readonly mode: CheckResult["mode"];
  /** Number of accepted connections per check that is up. */
  readonly accepted: 0 | 1;
  /** Whether the engine counts SYN retransmissions. */
  readonly countsRetransmits: boolean;
  /** Whether the handshakes use kernel sockets, which the kernel counts. */
  readonly hasSockets: boolean;
  /** The number of RSTs to a SYN-ACK of another host while the checker runs: the kernel's, and the raw engine's. */
  readonly resets: 1 | 2;
  /** The maximum number of local ports that are held for a second after their use. */
  readonly ports: number;
  /** Whether the engine distinguishes errors of the network from errors of this host. */
  readonly distinguishesNetworkErrors: boolean;
}

/** All engines. */
export const ENGINES: EngineUnderTest[] = [
  {
    name: "socket",
    permission: "--allow-ffi",
    mode: "half-open",
    accepted: 0,
    countsRetransmits: true,
    hasSockets: true,
    resets: 1,
    ports: 0,
    distinguishesNetworkErrors: true,
  },
  {
    name: "raw",
    permission: "--allow-ffi",
    missing: hasRawSockets() ? undefined : "no CAP_NET_RAW",
    mode: "half-open",
    accepted: 0,
    countsRetransmits: true,
    hasSockets: false,
    resets: 2,
    ports: 256,
    distinguishesNetworkErrors: true,
  },
  {
    name: "connect",
    permission: "--allow-net",
    mode: "full",
    accepted: 1,
    countsRetransmits: false,
    hasSockets: true,
    resets: 1,
    ports: 0,
    distinguishesNetworkErrors: false,
  },
];

/** Registers a test for each engine. */
export function engineTest(
  name: string,
  fn: (engine: EngineUnderTest, test: Deno.TestContext) => Promise<void>,
): void {
  for (const engine of ENGINES) {
    const full = nameFor(name, engine);
    if (engine.missing === undefined) Deno.test(full, (test) => fn(engine, test));
    else Deno.test({ name: `${full} (skipped, ${engine.missing})`, ignore: true, fn: (test) => fn(engine, test) });
  }
}

/** Registers a test that needs namespaces for each engine. */
export function engineNamespaceTest(
  name: string,
  fn: (engine: EngineUnderTest, test: Deno.TestContext) => Promise<void>,
): void {
  for (const engine of ENGINES) namespaceTest(nameFor(name, engine), (test) => fn(engine, test));
}

/** Makes a checker with this engine, without fallback. */
export function newChecker({ name }: EngineUnderTest): Checker {
  return new Checker({ engine: name, fallback: "error" });
}

/** Starts a checker with this engine. */
export function runningChecker({ name }: EngineUnderTest): Promise<Checker> {
  return Checker.start({ engine: name, fallback: "error" });
}

/** The name of a test with an engine. */
export function nameFor(test: string, { name }: EngineUnderTest): string {
  return `${test} (engine: ${name})`;
}

/** Whether this process may open raw sockets. */
function hasRawSockets(): boolean {
  if (Deno.build.os !== "linux") return false;
  const capabilities = Deno.readTextFileSync("/proc/self/status").match(/^CapEff:\s*([\da-f]+)$/m)?.[1];
  const CAP_NET_RAW = 13n;
  return (BigInt(`0x${capabilities ?? 0}`) >> CAP_NET_RAW & 1n) === 1n;
}
