/** What becomes of it all without sockets. */

import { bareRaw, checkAll, type Contestant, tcpShaker } from "../contestants.ts";
import type { Table } from "../setting.ts";
import { against } from "./against.ts";

/** The peer first, since the others are compared with it. */
export const raw: Table = {
  name: "raw",
  title: "The raw engine, port up, 100 checks at once",
  isolated: true,
  needs: "tcpShaker",
  async measure(setting) {
    const [raw, more] = [rawEngine("checkAll(), raw", 100), rawEngine("checkAll(), raw, 1,000 at once", 1000)];
    const bare = bareRaw(setting.programs);
    const all = [...tcpShaker(setting.programs), checkAll("checkAll(), sockets"), raw, more, bare];
    const { text, cpu, time } = await against(all, setting);
    const rawRateToBare = 1 / time(raw.name, bare.name);
    return { text, figures: { rawRateToPeer: 1 / time(raw.name), rawCpuToPeer: cpu(raw.name), rawRateToBare } };
  },
};

function rawEngine(name: string, concurrency: number): Contestant {
  return { ...checkAll(name, { engine: "raw", concurrency }), checks: 80_000 };
}
