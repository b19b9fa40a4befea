/** Sample data of the screenshots: a fleet with some outages, made by a seeded generator. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import { eventJson } from "../../lib/event_json.ts";
import type { PublishedEvent } from "../../lib/event.ts";
import type { HistoryReader, SeriesPoint, StoredEvent } from "../../lib/history/reader.ts";
import { uptimeOf } from "../../lib/history/uptime.ts";
import type { RecentResult } from "../../lib/series/result_ring.ts";
import type { AgentView } from "../../lib/serve/mod.ts";
import type { State } from "../../lib/state.ts";
import type { TargetState } from "../../lib/target_state.ts";
import { type Span, timesOf } from "../../lib/status/timelines.ts";
import { Random } from "../../tests/support/random.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Groups: name, number of targets, name of each. */
const GROUPS: readonly [string, number, (i: number) => string][] = [
  ["databases", 12, (i) => `postgres-${i + 1}.db.example:5432`],
  ["edge", 96, (i) => `edge-${i + 1}.example:443`],
  ["cache", 24, (i) => `[2001:db8:20::${(i + 1).toString(16)}]:6379`],
  ["sensors", 2000, (i) => `198.18.${i >> 8}.${i & 255}:502`],
  ["partners", 3, (i) =>
    [
      "a-rather-long-name-of-a-payment-gateway.eu-central-1.internal.partner-network.example:8443",
      "[2001:db8:85a3:8d3:1319:8a2e:370:7348]:8443",
      "sftp.partner.example:22",
    ][i]],
];

/** Creates an agent of the sample. */
export function sampleAgent(now: number): AgentView {
  const random = new Random(7);
  const states = new Map<string, TargetState>();
  const spans = new Map<string, Span[]>();
  const events: StoredEvent[] = [];
  for (const [group, count, nameOf] of GROUPS) {
    for (let i = 0; i < count; i++) {
      const id = nameOf(i);
      const state = stateOf(group, i);
      const timeline = makeTimeline(random, state, now, group === "sensors" && i > 40 ? 0 : 4);
      spans.set(id, timeline);
      states.set(id, makeState(id, group, state, timeline, group === "edge" && i % 29 === 5, random));
    }
  }
  let sequence = 0;
  const transitions = [...spans].flatMap(([id, timeline]) =>
    timeline.slice(0, -1).map((span, i) => ({ id, span, before: timeline[i + 1] }))
  );
  transitions.sort((a, b) => a.span.from - b.span.from);
  for (const { id, span, before } of transitions) {
    const { target, group, labels } = states.get(id)!;
    const event = {
      type: span.state === "maintenance" ? "maintenance" : "transition",
      id,
      target,
      group,
      labels,
      at: span.from,
      sequence: ++sequence,
      ...span.state === "maintenance" && { active: true, reason: "kernel update" },
      from: before.state,
      to: span.state,
      ...span.state !== "maintenance" &&
        {
          result: resultOf(id, span.state, random),
          count: span.state === "up" ? 2 : 3,
          of: span.state === "up" ? 2 : 3,
        },
      duration: before.to - before.from,
      initial: false,
    } as PublishedEvent;
    events.push({ id: `3-${sequence}`, at: span.from, json: eventJson(event) });
  }
  const reloadStatus = { isSuccessful: true, succeededAt: now, problems: [] };
  return {
    monitor: { get: (id) => states.get(id), states: () => states.values(), events: () => noEvents() },
    history: historyOf(spans, events, now),
    recent: { results: (id) => resultsOf(spans.get(id) ?? [], now) },
    configuration: { monitor: {}, targets: [], groups: {}, lists: [], serve: { listen: "127.0.0.1:0" }, sinks: [] },
    reloadStatus,
    lists: () => [],
    sinks: () => [],
    reload: () => Promise.resolve(reloadStatus),
  };
}

async function* noEvents(): AsyncGenerator<never> {}

function stateOf(group: string, i: number): State {
  if (group === "databases") return i === 3 ? "down" : i === 9 ? "maintenance" : "up";
  if (group === "edge") return i === 17 || i === 60 ? "down" : "up";
  if (group === "partners") return i === 0 ? "down" : "up";
  if (group === "sensors") return i % 263 === 40 ? "down" : i % 701 === 99 ? "unknown" : "up";
  return "up";
}

/** A timeline, newest first. */
function makeTimeline(random: Random, state: State, now: number, outages: number): Span[] {
  let from = now -
    (state === "up" ? 1 + random.integer(0, 39) : 1) * (state === "up" ? 3 * HOUR : MINUTE) *
      (1 + random.integer(0, 19)) / 4;
  const timeline: Span[] = [{ state, from, to: now }];
  for (let i = 0; i < outages; i++) {
    const before: State = timeline.at(-1)!.state === "up" ? "down" : "up";
    const to = from;
    from -= before === "down" ? MINUTE * (2 + random.integer(0, 199)) : DAY * (1 + random.integer(0, 24));
    timeline.push({ state: before, from, to });
  }
  timeline.push({ state: timeline.at(-1)!.state === "up" ? "down" : "up", from: now - 85 * DAY, to: from });
  return timeline.filter(({ from, to }) => to > from);
}

function makeState(
  id: string,
  group: string,
  state: State,
  timeline: Span[],
  degraded: boolean,
  random: Random,
): TargetState {
  const times = timesOf(timeline, now0(timeline) - 85 * DAY, now0(timeline));
  return {
    id,
    target: id,
    group,
    labels: group === "databases" ? { team: "storage", env: "production" } : {},
    state,
    degraded,
    flapping: id.startsWith("edge-61"),
    since: timeline[0].from,
    result: resultOf(id, state, random),
    checks: 3_672_000,
    failures: Math.round(times.down / 2000),
    neutral: 12,
    reports: 0,
    transitions: timeline.length - 1,
    rttSum: 3_672_000 * 1.3,
    downtime: times.down,
    ...state === "maintenance" && { maintenance: { until: timeline[0].to + 2 * HOUR, reason: "kernel update" } },
  };
}

function now0(timeline: Span[]): number {
  return timeline[0].to;
}

function resultOf(target: string, state: State, random: Random): CheckResult {
  const base = { target, mode: "half-open", engine: "socket", dnsTime: 0, duration: 1.3 } as const;
  const address = { hostname: "192.0.2.7", port: 443, family: 4 } as const;
  if (state === "up" || state === "maintenance") {
    return { ...base, address, status: "up", rtt: 0.4 + random.integer(0, 999) / 400, retransmits: 0 };
  }
  return random.integer(0, 1) === 0
    ? { ...base, address, status: "refused", code: "ECONNREFUSED", errno: 111 }
    : { ...base, address, status: "timeout", phase: "connect", retransmits: 0, duration: 1000 };
}

function historyOf(spans: ReadonlyMap<string, Span[]>, events: readonly StoredEvent[], now: number): HistoryReader {
  return {
    boot: 3,
    status: () => ({ file: "sample.db", failures: 0, dropped: 0, size: 0 }),
    events: ({ target, limit }) =>
      Promise.resolve(
        events.toReversed().filter(({ json }) => target === undefined || JSON.parse(json).id === target).slice(
          0,
          limit,
        ),
      ),
    hasAllAfter: () => Promise.resolve(true),
    series: (id, { from, to, step }) => {
      const points: SeriesPoint[] = [];
      for (let at = from; at < to; at += step) {
        points.push({
          at,
          pass: 0,
          fail: 0,
          neutral: 0,
          ...timesOf(spans.get(id) ?? [], at, Math.min(now, at + step)),
        });
      }
      return Promise.resolve(points);
    },
    uptime: ({ from, to, ids = [] }) =>
      Promise.resolve(new Map(ids.map((id) => [id, uptimeOf(timesOf(spans.get(id) ?? [], from, to), to - from)]))),
  };
}

function resultsOf(timeline: readonly Span[], now: number): RecentResult[] {
  const random = new Random(11);
  const results: RecentResult[] = [];
  for (let at = now - 2 * HOUR; at < now; at += 2000) {
    const state = timeline.find(({ from, to }) => from <= at && at < to)?.state;
    const wave = 1.2 + 0.4 * Math.sin(at / 9e5);
    if (state === "up" && random.integer(0, 59) > 0) {
      results.push({ at, outcome: "pass", rtt: wave + random.integer(0, 99) / 120 });
    } else results.push({ at, outcome: "fail" });
  }
  return results;
}
