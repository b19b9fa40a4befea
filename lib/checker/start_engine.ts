/** Engine factory: chooses an engine, starts it and wraps it. */

import type { Engine } from "../engine.ts";
import { GuardedEngine } from "./guarded_engine.ts";
import { loadLibrary } from "../native/library.ts";
import { NativeEngine } from "../native/engine.ts";
import { DEFAULT_SYN_RATE, type EngineChoice } from "../resolved_options.ts";
import { PacedEngine } from "./paced_engine.ts";
import { EngineStartError } from "../native/start_error.ts";

/**
 * Starts an engine.
 *
 * @param choice The user's choice.
 * @returns The running engine.
 * @throws {Error} If neither the chosen engine nor its fallback can start.
 */
export async function startEngine(choice: EngineChoice): Promise<Engine> {
  const { rate = Infinity } = choice;
  const engine = new GuardedEngine(await startUnpaced(choice));
  return rate < Infinity ? new PacedEngine(engine, rate) : engine;
}

async function startUnpaced(
  { engine, fallback, packets, threads, rate = DEFAULT_SYN_RATE }: EngineChoice,
): Promise<Engine> {
  if (engine === "connect") return await startConnecting();
  try {
    await loadLibrary();
  } catch (error) {
    if (fallback === "error") throw error;
    const [unsupported] = Object.keys(packets);
    if (unsupported === undefined) return await startConnecting(error);
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot check with ${unsupported}: it needs half-open checks: ${message}`, { cause: error });
  }
  const start = (kind: "socket" | "raw") => new NativeEngine({ kind, packets, rate, threads });
  if (engine !== "auto") return start(engine);
  try {
    return start("raw");
  } catch (error) {
    if (!(error instanceof EngineStartError && error.setting === "engine")) throw error;
    return start("socket");
  }
}

/** Starts the connect engine. Its modules are imported dynamically, because most programs never need them. */
async function startConnecting(cause?: unknown): Promise<Engine> {
  const { ConnectEngine } = await import("../connect/engine.ts");
  return new ConnectEngine(cause);
}
