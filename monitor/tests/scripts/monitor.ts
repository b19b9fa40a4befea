/** A monitor in the current network, with faults caused by shell commands. */

import type { CheckDefaults, CheckReceiver, CheckResult, HostPort } from "@tcp-shaker/tcp-shaker";
import { NameServer, type NameServerOptions } from "../../../tests/support/name_server.ts";
import { readInput, writeOutput } from "../../../tests/support/script.ts";
import { SYSTEM_CLOCK } from "../../lib/clock.ts";
import { type Prober, SupervisedChecker, type TargetCheck } from "../../lib/supervised_checker.ts";
import { Monitor, type MonitorEvent, type MonitorOptions, type MonitorTarget, type TargetState } from "../../mod.ts";

export interface Input {
  targets: MonitorTarget[];
  options: MonitorOptions;
  phases: Phase[];
  /** A name server, dead in some phases. */
  server?: NameServerOptions;
}

/** A phase, which begins with a command that changes the network. */
export interface Phase {
  command?: string;
  /** Whether the name server is dead. */
  noServer?: boolean;
  /** The phase ends when each target has had this number of results, */
  results: number;
  /** and trouble has begun or ended. */
  trouble?: boolean;
}

export interface Output {
  phases: {
    events: MonitorEvent[];
    /** At the end of the phase. */
    states: TargetState[];
  }[];
  /** The results of each target, in order. */
  results: CheckResult[][];
}

/** Runs checks, and records their results. */
class Recorder implements Prober {
  readonly #prober: Prober;
  readonly results = new Map<string, CheckResult[]>();
  #news = Promise.withResolvers<void>();

  constructor(prober: Prober) {
    this.#prober = prober;
  }

  prepare(endpoint: HostPort, options: CheckDefaults): TargetCheck {
    const check = this.#prober.prepare(endpoint, options);
    const { hostname, port } = endpoint;
    const results: CheckResult[] = [];
    this.results.set(`${hostname}:${port}`, results);
    const start = (receiver: CheckReceiver) =>
      check.start({
        settle: (result) => {
          results.push(result);
          receiver.settle(result);
          this.tell();
        },
        fail: (reason) => receiver.fail(reason),
      });
    return { start, cancel: (reason) => check.cancel(reason) };
  }

  tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await this.#news.promise;
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#prober[Symbol.asyncDispose]();
  }
}

/** Time limit, because the script would wait forever for trouble that never begins. */
const patience = setTimeout(() => {
  console.error("It was not as it should be for 60 s");
  Deno.exit(1);
}, 60_000);
const { targets, options, phases, server } = readInput<Input>();
const recorder = new Recorder(await SupervisedChecker.start({ fallback: "error" }, SYSTEM_CLOCK));
const output: Output = { phases: [], results: [] };
let events: MonitorEvent[] = [];
let hasTrouble = false;
let names: NameServer | undefined;
{
  await using monitor = await Monitor.start(targets, options, { prober: recorder });
  collect(monitor);
  for (const { command, noServer = false, results, trouble = false } of phases) {
    if (command !== undefined) await run(command);
    if (noServer) names = void names?.[Symbol.dispose]();
    else if (server !== undefined) names ??= await NameServer.open(server);
    const before = new Map([...monitor.states()].map(({ id, checks }) => [id, checks]));
    await recorder.until(() =>
      hasTrouble === trouble &&
      [...monitor.states()].every(({ id, checks }) => checks >= before.get(id)! + results)
    );
    // After all readers have read the events of the same instant.
    await new Promise((resolve) => setTimeout(resolve));
    output.phases.push({ events, states: [...monitor.states()] });
    events = [];
  }
}
names?.[Symbol.dispose]();
output.results = targets.map((target) => recorder.results.get(typeof target === "string" ? target : "") ?? []);
clearTimeout(patience);
writeOutput(output);

async function collect(monitor: Monitor): Promise<void> {
  for await (const event of monitor.events()) {
    events.push(event);
    if (event.type === "trouble") hasTrouble = event.active;
    recorder.tell();
  }
}

async function run(command: string): Promise<void> {
  const { success, stderr } = await new Deno.Command("sh", { args: ["-euc", command] }).output();
  if (!success) throw new Error(`${command}: ${new TextDecoder().decode(stderr)}`);
}
