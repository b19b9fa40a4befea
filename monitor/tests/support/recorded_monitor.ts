/** A monitor whose history is recorded, with a manual clock. */

import { History, type HistoryOptions } from "../../lib/history/history.ts";
import { Monitor } from "../../lib/monitor.ts";
import type { MonitorOptions } from "../../lib/options.ts";
import type { MonitorTarget } from "../../lib/target.ts";
import { HeldClock } from "./held_clock.ts";
import { type Finding, ScriptedProber } from "./scripted_prober.ts";

/** Options of {@linkcode RecordedMonitor.start}. */
export interface RecordedOptions {
  readonly file: string;
  readonly targets?: readonly MonitorTarget[];
  readonly find?: (target: string) => Finding;
  readonly clock?: HeldClock;
  readonly options?: MonitorOptions;
  readonly history?: Partial<HistoryOptions>;
}

/** A target that each test may use: checks are scripted. */
export const DB = { target: "192.0.2.1:5432", id: "db" };

export class RecordedMonitor implements AsyncDisposable {
  readonly messages: string[] = [];

  private constructor(
    readonly clock: HeldClock,
    readonly monitor: Monitor,
    readonly history: History,
    messages: string[],
  ) {
    this.messages = messages;
  }

  static async start(
    { file, targets = [DB], find = () => "up", clock = new HeldClock(), options, history: limits }: RecordedOptions,
  ): Promise<RecordedMonitor> {
    const messages: string[] = [];
    const history = await History.open({ file, ...limits }, (message) => messages.push(message), clock);
    const prober = new ScriptedProber(find);
    const parts = { clock, prober, observers: [history.observer] };
    const monitor = await Monitor.start(targets, { spread: 0, ...options, restore: history.states }, parts);
    history.begin(monitor);
    return new RecordedMonitor(clock, monitor, history, messages);
  }

  /** Advances the clock, and waits until the recorded rows are written. */
  async pass(ms: number): Promise<void> {
    await this.clock.pass(ms);
    await this.history.settled();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.monitor[Symbol.asyncDispose]();
    await this.history[Symbol.asyncDispose]();
  }
}

/** A temporary folder for a database. */
export class HistoryFolder implements Disposable {
  readonly path: string = Deno.makeTempDirSync();
  readonly file: string = `${this.path}/history.db`;

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}
