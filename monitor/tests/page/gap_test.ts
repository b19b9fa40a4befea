/** The band of states has gaps: times in which no monitor ran, or a hub was disconnected. */

import { assertEquals } from "@std/assert";
import type { HistoryReader, SeriesQuery } from "../../lib/history/reader.ts";
import { readTarget } from "../../lib/page/read_model.ts";
import { Status } from "../../lib/status/status.ts";
import { StateTable } from "../support/state_table.ts";

const MINUTE = 60_000;

const now = Date.now();
const since = now - 60 * MINUTE;
const thisMinute = Math.floor(now / MINUTE) * MINUTE;
/** This process began 10 minutes ago. */
const startedAt = now - 10 * MINUTE;

/**
 * Reads the band of states of a target that has been down for an hour.
 *
 * @param isStored Whether a minute is stored.
 */
async function readSpans(isStored: (minute: number) => boolean) {
  const states = new StateTable(() => now);
  states.set("db", { state: "down", since });
  const history: HistoryReader = {
    boot: 1,
    status: () => ({ file: "", failures: 0, dropped: 0, size: 0 }),
    events: () => Promise.resolve([]),
    hasAllAfter: () => Promise.resolve(true),
    uptime: () => Promise.resolve(new Map()),
    series: (_id, { from, to, step }: SeriesQuery) => {
      const start = Math.floor(from / step) * step;
      return Promise.resolve(Array.from({ length: Math.ceil((to - start) / step) }, (_, i) => {
        const at = start + i * step;
        const down = isStored(at) ? step : 0;
        return { at, pass: 0, fail: 0, neutral: 0, up: 0, down, unknown: 0, maintenance: 0 };
      }));
    },
  };
  const monitor = {
    get: (id: string) => states.get(id),
    states: () => states.states(),
    async *events() {},
  };
  await using status = new Status({ monitor, history } as never, 1);
  Object.assign(status, { startedAt });
  const { spans } = await readTarget(status, states.get("db")!);
  assertEquals(new Set(spans.map(({ state }) => state)), new Set(["down"]));
  return spans;
}

Deno.test("the states of a target have a gap where no minute is stored, but no gap since the process began", async () => {
  // A monitor ran until 30 minutes ago.
  const gapBegin = thisMinute - 30 * MINUTE;
  const spans = await readSpans((minute) => minute < gapBegin);
  assertEquals(spans.map(({ from }) => from), [startedAt, since]);
  assertEquals(spans[1].to, gapBegin);
});

Deno.test("the states of a target have a gap where a hub was disconnected, but none in minutes that are not stored yet", async () => {
  const [cutOff, back] = [thisMinute - 6 * MINUTE, thisMinute - 4 * MINUTE];
  const spans = await readSpans((minute) => minute < cutOff || minute >= back && minute < thisMinute - MINUTE);
  assertEquals(spans.map(({ from }) => from), [back, since]);
  assertEquals(spans[1].to, cutOff);
});
