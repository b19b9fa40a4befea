/** The targets of the mode `watch`: their sparklines, the report of their results, and the count of their checks. */

import { type CheckResult, formatTarget, type HostPort } from "@tcp-shaker/tcp-shaker";
import type { Command } from "../command_line/command.ts";
import { makeReport } from "../reports/formats.ts";
import { untilWritable } from "../output.ts";
import type { Report } from "../reports/report.ts";
import { checkRequest, type Target } from "../target.ts";
import { Sparkline } from "../terminal/sparkline.ts";
import type { Observer } from "./observed_prober.ts";

interface Watched {
  readonly target: Target;
  readonly sparkline: Sparkline;
  /** Number of checks that have ended. */
  rounds: number;
}

/** Takes the results of all targets. */
export class WatchedTargets {
  readonly #byId: ReadonlyMap<string, Watched>;
  readonly #byEndpoint = new Map<HostPort, Watched>();
  readonly #report: Report;
  readonly #signal: AbortSignal;
  readonly #rounds: number;
  readonly #complete = Promise.withResolvers<void>();
  /** Number of targets with checks left. */
  #pending: number;

  /**
   * @param targets The targets, all distinct.
   * @param command The format, and the number of checks per target.
   * @param signal Ends the wait for a slow reader of the output.
   */
  constructor(targets: readonly Target[], command: Command, signal: AbortSignal) {
    this.#byId = new Map(
      targets.map((target) => [formatTarget(target), { target, sparkline: new Sparkline(), rounds: 0 }]),
    );
    this.#pending = targets.length;
    this.#rounds = command.rounds;
    this.#signal = signal;
    this.#report = makeReport({
      command,
      samples: targets,
      isAligned: targets.length > 1,
      statistics: [],
      total: () => targets.length * command.rounds,
      caveats: () => [],
    });
  }

  /** The targets and their sparklines, in the order in which the targets were given. */
  get sparklines(): readonly (readonly [Target, Sparkline])[] {
    return [...this.#byId.values()].map(({ target, sparkline }) => [target, sparkline]);
  }

  /** Resolves when all checks are made, and the monitor has processed their results. */
  get complete(): Promise<void> {
    return this.#complete.promise;
  }

  /** Adds a result. */
  readonly observe: Observer = async (endpoint, result) => {
    const watched = this.#find(endpoint);
    watched.rounds++;
    if (result !== undefined) this.#add(watched, result);
    // Deferred, because the monitor processes the result after this function.
    if (watched.rounds === this.#rounds && --this.#pending === 0) setTimeout(this.#complete.resolve);
    await untilWritable(this.#signal).catch(() => {});
  };

  /** Ends the report. */
  end(): void {
    this.#report.end();
  }

  #add({ target, sparkline, rounds }: Watched, result: CheckResult): void {
    sparkline.add(result);
    this.#report.add(checkRequest(target, 0, rounds), result);
  }

  /** Finds a target. Cached by endpoint, because the monitor uses one object per target. */
  #find(endpoint: HostPort): Watched {
    const known = this.#byEndpoint.get(endpoint);
    if (known !== undefined) return known;
    const found = this.#byId.get(formatTarget(endpoint))!;
    this.#byEndpoint.set(endpoint, found);
    return found;
  }
}
