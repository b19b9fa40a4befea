/** What becomes of it all without sockets. */

import { checkAll, type Contestant, tcpShaker } from "../contestants.ts";
import type { Table } from "../setting.ts";
import { against } from "./against.ts";

/** The peer first, since the others are compared with it. */
export const raw: Table = {
  name: "raw",
  title: "The raw engine, port up, 100 checks at once",
  isolated: true,
  needs: "tcpShaker",
  async measure(setting) {
    const raw: Contestant = { ...checkAll("checkAll(), raw", { engine: "raw" }), hasSockets: false };
    const { text, cpu, time } = await against(
      [...tcpShaker(setting.programs), checkAll("checkAll(), sockets"), raw],
      setting,
    );
    return { text, figures: { rawRateToPeer: 1 / time(raw.name), rawCpuToPeer: cpu(raw.name) } };
  },
};
