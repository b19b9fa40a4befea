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
    const raw: Contestant = { ...checkAll("checkAll(), raw", { engine: "raw" }), checks: 80_000, hasSockets: false };
    const bare = bareRaw(setting.programs);
    const all = [...tcpShaker(setting.programs), checkAll("checkAll(), sockets"), raw, bare];
    const { text, cpu, time } = await against(all, setting);
    const rawRateToBare = 1 / time(raw.name, bare.name);
    return { text, figures: { rawRateToPeer: 1 / time(raw.name), rawCpuToPeer: cpu(raw.name), rawRateToBare } };
  },
};
