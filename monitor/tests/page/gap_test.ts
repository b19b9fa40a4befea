/** The band of states has the time in which no monitor ran as a gap. */

import { assertEquals } from "@std/assert";
import type { HistoryReader, SeriesQuery } from "../../lib/history/reader.ts";
import { readTarget } from "../../lib/page/read_model.ts";
import { Status } from "../../lib/status/status.ts";
import { StateTable } from "../support/state_table.ts";

const MINUTE = 60_000;

Deno.test("the states of a target have a gap where no minute is stored, and none since the process began", async () => {
  const began = Date.now();
  const since = began - 60 * MINUTE;
  // A monitor ran until 30 minutes ago.
  const gapBegin = Math.floor(began / MINUTE) * MINUTE - 30 * MINUTE;
  const states = new StateTable(() => began);
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
        const down = at < gapBegin ? step : 0;
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
  const startedAt = began - 10 * MINUTE;
  Object.assign(status, { startedAt });
  const { spans } = await readTarget(status, states.get("db")!);
  assertEquals(spans.map(({ state, from }) => [state, from]), [["down", startedAt], ["down", since]]);
  assertEquals(spans[1].to, gapBegin);
});
