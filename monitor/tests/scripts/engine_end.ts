/** Monitors an open port with the library with fault injection. The engine ends once all targets are up. */

import { loadLibrary } from "@tcp-shaker/tcp-shaker";
import { readInput, writeOutput } from "../../../tests/support/script.ts";
import { Monitor, type MonitorEvent, type TargetState } from "../../mod.ts";

export interface Input {
  /** The library's path. */
  library: string;
  /** The call that fails: its index in ffi/src/sys/faults.rs. */
  call: number;
  /** The error of the call; 0 is a panic. */
  errno: number;
  targets: number;
}

export interface Output {
  /** All events until trouble ends. */
  events: MonitorEvent[];
  states: TargetState[];
}

const { library, call, errno, targets } = readInput<Input>();
await loadLibrary(library);
const { symbols } = Deno.dlopen(library, { shaker_fault: { parameters: ["u32", "i32"], result: "void" } });
using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
await using monitor = await Monitor.start(
  Array.from({ length: targets }, (_, i) => ({ target: listener.addr, id: `target ${i}` })),
  { interval: 100 },
);
const events: MonitorEvent[] = [];
for await (const event of monitor.events()) {
  events.push(event);
  if (events.length === targets) symbols.shaker_fault(call, errno);
  if (event.type === "trouble" && !event.active) break;
}
writeOutput({ events, states: [...monitor.states()] } satisfies Output);
