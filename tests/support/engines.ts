/** The engines that tests run over, and all in which what they tell differs. */

import { Checker, type CheckerOptions, type CheckResult } from "../../mod.ts";
import { namespaceTest } from "./namespace.ts";

/** An engine. */
export interface EngineUnderTest {
  readonly name: NonNullable<CheckerOptions["engine"]>;
  /** The permission that it needs. */
  readonly permission: string;
  /** What each result says of how it was found. */
  readonly mode: CheckResult["mode"];
  /** How often accept() returns for a check that is up. */
  readonly visits: 0 | 1;
  /** Whether it knows of SYNs that were sent again. */
  readonly countsRetransmits: boolean;
  /** Whether it can tell what the network forbids from what this host does. */
  readonly knowsWhoForbids: boolean;
}

/** All of them. */
export const ENGINES: EngineUnderTest[] = [
  {
    name: "socket",
    permission: "--allow-ffi",
    mode: "half-open",
    visits: 0,
    countsRetransmits: true,
    knowsWhoForbids: true,
  },
  {
    name: "connect",
    permission: "--allow-net",
    mode: "full",
    visits: 1,
    countsRetransmits: false,
    knowsWhoForbids: false,
  },
];

/** Registers a test for each engine. */
export function engineTest(name: string, fn: (engine: EngineUnderTest, test: Deno.TestContext) => Promise<void>): void {
  for (const engine of ENGINES) Deno.test(nameFor(name, engine), (test) => fn(engine, test));
}

/** Registers a test that needs namespaces for each engine. */
export function engineNamespaceTest(
  name: string,
  fn: (engine: EngineUnderTest, test: Deno.TestContext) => Promise<void>,
): void {
  for (const engine of ENGINES) namespaceTest(nameFor(name, engine), (test) => fn(engine, test));
}

/** A checker that has this engine, and no other. */
export function newChecker({ name }: EngineUnderTest): Checker {
  return new Checker({ engine: name, fallback: "error" });
}

/** A checker that runs. */
export async function runningChecker(engine: EngineUnderTest): Promise<Checker> {
  const checker = newChecker(engine);
  checker.checkingLoop();
  await checker.waitReady();
  return checker;
}

/** The name of a test that is run over engines. */
export function nameFor(test: string, { name }: EngineUnderTest): string {
  return `${test} (engine: ${name})`;
}
