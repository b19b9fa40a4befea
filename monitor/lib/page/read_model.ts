/** Reads the models of the pages from the status and the history. */

import type { MonitorEvent } from "../event.ts";
import type { StoredEvent } from "../history/reader.ts";
import type { Uptime } from "../history/uptime.ts";
import { conditionsOf } from "../status/conditions.ts";
import type { FleetSnapshot, GroupSnapshot } from "../status/fleet_snapshot.ts";
import { matcher, type StateFilter } from "../status/target_filter.ts";
import { readSeries } from "../status/series.ts";
import type { Status } from "../status/status.ts";
import { cutGaps, timelinesOf, timesOf } from "../status/timelines.ts";
import type { TargetState } from "../target_state.ts";
import type { FleetModel } from "./fleet_page.tsx";
import { type ListQuery, NO_GROUP } from "./html/links.ts";
import { MAX_EVENTS, MAX_ROWS } from "./list_lengths.ts";
import type { BarStep } from "./parts/bars.tsx";
import type { ListedEvent } from "./parts/events.tsx";
import type { TargetModel } from "./target_page.tsx";
import { timeText } from "./html/text.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MAX_GROUPS = 60;
/** Time range of the plot, in ms. */
const PLOT_RANGE = 2 * HOUR;
/** Steps of the plot. Percentiles, and steps of less than a minute, need results in memory. */
const PLOTS = {
  memory: { range: PLOT_RANGE, step: 30_000, middle: "p50" },
  stored: { range: PLOT_RANGE, step: 60_000, middle: "Mean" },
} as const;

/** Windows of the bars. */
const WINDOWS = {
  "24h": { label: "24 hours", range: DAY, step: HOUR },
  "90d": { label: "90 days", range: 90 * DAY, step: DAY },
};

/** Reads the model of the first page. */
export async function readFleet(status: Status, query: ListQuery, others: readonly string[]): Promise<FleetModel> {
  const snapshot = await status.snapshot();
  const group = query.group === NO_GROUP ? "" : query.group || undefined;
  const states = query.state ? [query.state as StateFilter] : [];
  const isWanted = matcher({ states, group, text: query.q });
  const wanted = worstFirst(snapshot.states.filter(isWanted));
  const pages = Math.max(1, Math.ceil(wanted.length / MAX_ROWS));
  const page = Math.min(query.page ?? 1, pages);
  const shown = wanted.slice((page - 1) * MAX_ROWS, page * MAX_ROWS);
  const problems = new HistoryProblems();
  const [rows, events] = await Promise.all([
    readRows(status, shown, query.window === "90d" ? "90d" : "24h", problems),
    problems.or(undefined, status.history.events({ limit: MAX_EVENTS, newestFirst: true })),
  ]);
  const groups = chosenGroups(snapshot, query, group);
  return {
    at: snapshot.at,
    query: { ...query, page },
    counts: snapshot.counts,
    groupNames: [...snapshot.groups.keys()],
    groups: groups.slice(0, MAX_GROUPS),
    hiddenGroups: Math.max(0, groups.length - MAX_GROUPS),
    rows,
    total: wanted.length,
    pages,
    conditions: conditionsOf(status.log.events()).map(listed),
    problems: [...new Set([...others, ...problems.text === undefined ? [] : [problems.text]])],
    events: events?.map(listed),
    historyNote: historyNote(status),
  };
}

/** Reads the model of a target's page. */
export async function readTarget(status: Status, state: TargetState): Promise<TargetModel> {
  const { id } = state;
  const now = Date.now();
  const problems = new HistoryProblems();
  const plot = status.recent === undefined ? PLOTS.stored : PLOTS.memory;
  const range = { from: now - PLOT_RANGE, to: now };
  const [bars, uptimes, points, gaps, stored] = await Promise.all([
    Promise.all(
      Object.values(WINDOWS).map(async ({ label, range, step }) => ({
        label,
        step,
        steps: (await problems.or(new Map(), readBars(status, [state], range, step, now))).get(id) ?? [],
      })),
    ),
    Promise.all(
      ([["24 hours", DAY], ["30 days", 30 * DAY], ["90 days", 90 * DAY]] as const).map(async ([label, range]) => ({
        label,
        uptime: (await problems.or(new Map<string, Uptime>(), readUptimes(status, [state], range, now))).get(id),
      })),
    ),
    problems.or([], readSeries(status, id, { ...range, step: plot.step })),
    problems.or([], readGaps(status, id, range)),
    problems.or(undefined, status.history.events({ target: id, limit: MAX_EVENTS, newestFirst: true })),
  ]);
  const events = stored?.map(listed);
  return {
    at: now,
    state,
    uptimes,
    bars,
    plot: { points, ...plot },
    spans: cutGaps(timelinesOf([state], events?.toReversed() ?? [], now).get(id)!, gaps),
    events,
    historyNote: problems.text ?? historyNote(status),
  };
}

/** Parses a stored event. */
export function listed({ id, at, json }: Pick<StoredEvent, "id" | "at" | "json">): ListedEvent {
  return { id, at, event: { ...JSON.parse(json), at } as MonitorEvent };
}

/** Sorts targets that are not up before the others, each class by group and id. */
function worstFirst(states: readonly TargetState[]): TargetState[] {
  const classes: TargetState[][] = [[], [], [], [], []];
  for (const state of states) classes[rankOf(state)].push(state);
  return classes.flat();
}

function rankOf({ state, degraded, flapping }: TargetState): number {
  if (state === "down") return 0;
  if (degraded || flapping) return 1;
  return state === "unknown" ? 2 : state === "maintenance" ? 3 : 4;
}

/** Returns the groups with cards, the worst first; none if the list is filtered by text or state. */
function chosenGroups({ groups }: FleetSnapshot, { q, state }: ListQuery, group: string | undefined): GroupSnapshot[] {
  if (q || state) return [];
  if (group !== undefined) return groups.values().filter(({ name }) => name === group).toArray();
  const share = ({ counts }: GroupSnapshot) => counts.down / counts.targets;
  return [...groups.values()].sort((a, b) => share(b) - share(a));
}

/** Reads of the history that may fail, so that the page is rendered without the missing part. */
class HistoryProblems {
  /** The reason of the last failure; `undefined` without one. */
  text: string | undefined;

  /** Waits for a read. Returns `other` if it fails. */
  async or<Value>(other: Value, reading: Promise<Value>): Promise<Value> {
    try {
      return await reading;
    } catch (error) {
      this.text = `The history is unavailable: ${(error as Error).message}`;
      return other;
    }
  }
}

async function readRows(
  status: Status,
  states: readonly TargetState[],
  window: keyof typeof WINDOWS,
  problems: HistoryProblems,
): Promise<FleetModel["rows"]> {
  const { label, range, step } = WINDOWS[window];
  const now = Date.now();
  const [bars, uptimes] = await Promise.all([
    problems.or(undefined, readBars(status, states, range, step, now)),
    problems.or(undefined, readUptimes(status, states, range, now)),
  ]);
  return states.map((state) => ({
    state,
    history: { label: `Last ${label}`, step, steps: bars?.get(state.id) ?? [], uptime: uptimes?.get(state.id) },
  }));
}

async function readBars(
  status: Status,
  states: readonly TargetState[],
  range: number,
  step: number,
  now: number,
): Promise<Map<string, BarStep[]>> {
  // Steps start at full hours and days, so the last step has not ended.
  const to = Math.ceil(now / step) * step;
  const from = to - range;
  if (!status.isStored) {
    const starts = Array.from({ length: range / step }, (_, i) => from + i * step);
    const timelines = timelinesOf(states, status.log.events(), now);
    return new Map(
      timelines.entries().map(([id, spans]) => [id, starts.map((at) => ({ at, ...timesOf(spans, at, at + step) }))]),
    );
  }
  const all = states.map(async ({ id }) => [id, await status.history.series(id, { from, to, step })] as const);
  return new Map(await Promise.all(all));
}

/**
 * Finds the minutes that are not stored, because no monitor ran, or a hub was disconnected. The minutes since the last
 * stored one are not a gap if this process ran, because it will store them.
 */
async function readGaps({ isStored, history, startedAt }: Status, id: string, range: { from: number; to: number }) {
  if (!isStored) return [];
  const points = await history.series(id, { ...range, step: MINUTE });
  const isEmpty = ({ up, down, unknown, maintenance }: BarStep) => up + down + unknown + maintenance === 0;
  const end = Math.max(startedAt, points.findLast((point) => !isEmpty(point))?.at ?? -Infinity);
  return points.filter((point) => point.at < end && isEmpty(point))
    .map(({ at }) => ({ from: at, to: Math.min(at + MINUTE, end) }));
}

function readUptimes(
  status: Status,
  states: readonly TargetState[],
  range: number,
  now: number,
): Promise<Map<string, Uptime>> {
  return status.history.uptime({ from: now - range, to: now, ids: states.map(({ id }) => id) });
}

function historyNote({ isStored, startedAt }: Status): string | undefined {
  if (isStored) return undefined;
  return `Without a database the history begins with this process, at ${timeText(startedAt)} UTC.`;
}
