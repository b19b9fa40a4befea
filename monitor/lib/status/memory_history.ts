/** History in memory since the start of the process, which replaces the stored history without a database. */

import { parseEventId } from "../history/event_id.ts";
import type { EventQuery, HistoryReader, SeriesPoint, SeriesQuery, UptimeQuery } from "../history/reader.ts";
import { type Uptime, uptimeOf } from "../history/uptime.ts";
import type { RecentResults } from "../series/recent_results.ts";
import type { RecentResult } from "../series/result_ring.ts";
import type { TargetState } from "../target_state.ts";
import type { EventLog, LoggedEvent } from "./event_log.ts";
import { timelinesOf, timesOf } from "./timelines.ts";

/** Sources of the history. */
export type HistorySource = Pick<HistoryReader, "events" | "hasAllAfter" | "series" | "uptime">;

/** Recent results of targets. */
export type RecentSource = Pick<RecentResults, "results">;

/** Reads the past from the events and results in memory. */
export class MemoryHistory implements HistorySource {
  readonly #states: { get(id: string): TargetState | undefined; states(): Iterable<TargetState> };
  readonly #log: EventLog;
  readonly #recent: RecentSource | undefined;
  readonly #begin: number;

  /**
   * @param states The targets.
   * @param log Events.
   * @param recent Results; without them series have only the times in each state.
   * @param begin The start of the process, in ms since 1970. Restored states do not count before it.
   */
  constructor(
    states: { get(id: string): TargetState | undefined; states(): Iterable<TargetState> },
    log: EventLog,
    recent?: RecentSource,
    begin = -Infinity,
  ) {
    this.#states = states;
    this.#log = log;
    this.#recent = recent;
    this.#begin = begin;
  }

  /** Reads events; see {@linkcode HistoryReader.events}. */
  events(
    { after, target, from = -Infinity, to = Infinity, limit, newestFirst = false }: EventQuery,
  ): Promise<LoggedEvent[]> {
    const isWanted = after === undefined ? () => true : isBeyond(after, newestFirst);
    const events = newestFirst ? this.#log.events().toReversed() : this.#log.events();
    const wanted = events.values().filter((logged) =>
      isWanted(logged) && logged.at >= from && logged.at < to &&
      (target === undefined || ("id" in logged.event && logged.event.id === target))
    );
    return Promise.resolve(wanted.take(limit).toArray());
  }

  /** Returns whether the log has all events after another one; see {@linkcode HistoryReader.hasAllAfter}. */
  hasAllAfter(id: string): Promise<boolean> {
    return Promise.resolve(this.#log.after(id) !== undefined);
  }

  /** Reads the series of a target; see {@linkcode HistoryReader.series}. */
  series(id: string, { from, to, step }: SeriesQuery): Promise<SeriesPoint[]> {
    const state = this.#states.get(id);
    const spans = state === undefined ? [] : timelinesOf([state], this.#log.events(), Date.now()).get(id)!;
    const results = this.#recent?.results(id) ?? [];
    const start = Math.floor(from / step) * step;
    const steps: RecentResult[][] = Array.from({ length: Math.ceil((to - start) / step) }, () => []);
    for (const result of results) steps[Math.floor((result.at - start) / step)]?.push(result);
    return Promise.resolve(steps.map((inStep, i) => {
      const at = start + i * step;
      return { at, ...summaryOf(inStep), ...timesOf(spans, Math.max(at, this.#begin), at + step) };
    }));
  }

  /** Adds up time in each state; see {@linkcode HistoryReader.uptime}. */
  uptime({ from, to, ids }: UptimeQuery): Promise<Map<string, Uptime>> {
    const states = ids?.flatMap((id) => this.#states.get(id) ?? []) ?? this.#states.states();
    const timelines = timelinesOf(states, this.#log.events(), Date.now());
    return Promise.resolve(
      new Map(timelines.entries().map(([id, spans]) => [id, uptimeOf(timesOf(spans, from, to), to - from)])),
    );
  }
}

/** Returns a test whether an event comes after another one; or before it, if the newest are read first. */
function isBeyond(id: string, newestFirst: boolean): (event: LoggedEvent) => boolean {
  const [boot, sequence] = parseEventId(id) ?? [NaN, NaN];
  const sign = newestFirst ? -1 : 1;
  return ({ id }) => {
    const [ownBoot, ownSequence] = parseEventId(id)!;
    return sign * (ownBoot - boot || ownSequence - sequence) > 0;
  };
}

function summaryOf(results: readonly RecentResult[]) {
  const count = (outcome: RecentResult["outcome"]) => results.filter((result) => result.outcome === outcome).length;
  const rtts = results.flatMap(({ rtt }) => rtt ?? []);
  return {
    pass: count("pass"),
    fail: count("fail"),
    neutral: count("neutral"),
    ...rtts.length > 0 && {
      rttMin: Math.min(...rtts),
      rttMean: rtts.reduce((a, b) => a + b) / rtts.length,
      rttMax: Math.max(...rtts),
    },
  };
}
