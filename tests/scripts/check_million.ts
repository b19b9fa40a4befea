/** Checks all targets of the million network in one checkAll(), and compares each result with the expected one. */

import v8 from "node:v8";
import vm from "node:vm";
import { Checker } from "../../mod.ts";
import { expectedResult, millionTargets, TARGETS, TIMEOUT } from "../support/million_network.ts";
import { statusAndCode } from "../support/outcome.ts";
import { readInput, writeOutput } from "../support/script.ts";

export interface Input {
  /** The limit of targets in flight that will answer. */
  answering: number;
  /** The limit of all targets in flight. */
  concurrency: number;
  /** Results between two readings of the memory. */
  every: number;
}

export interface Output {
  /** Counts of results by outcome. */
  outcomes: Record<string, number>;
  /** The number of distinct targets with a result. */
  targets: number;
  /** The number of wrong results. */
  wrong: number;
  /** The first wrong results. */
  examples: { target: string; actual: string; expected: string }[];
  /** Readings of this process's memory. */
  readings: Reading[];
  /** Packets that the device dropped. */
  dropped: number;
}

export interface Reading {
  /** Resident memory in bytes. */
  resident: number;
  /** The number of checks in flight. */
  inFlight: number;
}

const EXAMPLES = 1000;

/** Yields targets, and limits the number of targets in flight that will answer. */
class Pace {
  /** Targets yielded so far. */
  given = 0;
  readonly #limit: number;
  #answering = 0;
  #wake: (() => void) | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  async *through(targets: Iterable<string>): AsyncGenerator<string, void, void> {
    for (const target of targets) {
      if (expectedResult(target).outcome !== "timeout") {
        while (this.#answering >= this.#limit) await new Promise<void>((resolve) => this.#wake = resolve);
        this.#answering++;
      }
      this.given++;
      yield target;
    }
  }

  /** A target that answers is no longer in flight. */
  leave(): void {
    this.#answering--;
    this.#wake?.();
  }
}

v8.setFlagsFromString("--expose-gc");
// The heap may still grow by garbage of later results.
const collectGarbage: () => void = vm.runInNewContext("gc");
const { answering, concurrency, every } = readInput<Input>();
const output: Output = { outcomes: {}, targets: 0, wrong: 0, examples: [], readings: [], dropped: 0 };
const { outcomes, examples, readings } = output;
const seen = new Uint8Array(TARGETS);
const pace = new Pace(answering);
let results = 0;
await using checker = new Checker({ engine: "raw", rate: 1e9 });
checker.checkingLoop();
for await (const result of checker.checkAll(pace.through(millionTargets()), { timeout: TIMEOUT, concurrency })) {
  const target = result.target as string;
  const actual = statusAndCode(result);
  const { number, outcome: expected } = expectedResult(target);
  if (expected !== "timeout") pace.leave();
  outcomes[actual] = (outcomes[actual] ?? 0) + 1;
  if (seen[number]++ === 0) output.targets++;
  if (actual !== expected && output.wrong++ < EXAMPLES) examples.push({ target, actual, expected });
  if (++results % every === 0) readings.push({ resident: residentMemory(), inFlight: pace.given - results });
}
output.dropped = droppedBy("lab0");
writeOutput(output);

/** Heap in use after a garbage collection. */
function residentMemory(): number {
  collectGarbage();
  return Deno.memoryUsage().rss;
}

/** Reads the number of dropped outgoing packets (the 12th number in proc_pid_net(5), `dev`). */
function droppedBy(device: string): number {
  const lines = Deno.readTextFileSync("/proc/self/net/dev").split("\n");
  const [, numbers] = lines.map((line) => line.split(":")).find(([name]) => name.trim() === device)!;
  return Number(numbers.trim().split(/\s+/)[11]);
}
