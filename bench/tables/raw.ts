/** The raw engine compared with sockets. */

import { DEFAULT_SYN_RATE, resolveConcurrency, resolveOptions } from "../../lib/resolved_options.ts";
import { bareRaw, checkAll, type Contestant, tcpShaker } from "../harness/contestants.ts";
import type { Table } from "../harness/setting.ts";
import { against } from "./against.ts";

/** The default concurrency of `checkAll()` with the raw engine. */
const DEFAULT_CONCURRENCY = resolveConcurrency(
  undefined,
  { window: Infinity, rate: DEFAULT_SYN_RATE },
  resolveOptions({}, {}, "checkAll()").timeout,
);

/** tcp-shaker comes first, because the others are compared with it. */
export const raw: Table = {
  name: "raw",
  title: "The raw engine, port up, 100 checks at once unless said",
  isolated: true,
  needs: "tcpShaker",
  async measure(setting) {
    const raw = rawEngine("checkAll(), raw", 100);
    const many = DEFAULT_CONCURRENCY.toLocaleString("en");
    const byDefault = rawEngine(`checkAll(), raw, ${many} at once: the default`, DEFAULT_CONCURRENCY);
    const bare = bareRaw(setting.programs);
    const all = [...tcpShaker(setting.programs), checkAll("checkAll(), sockets"), raw, byDefault, bare];
    const { text, cpu, time } = await against(all, setting);
    const figures = {
      rawRateToPeer: 1 / time(raw.name),
      rawCpuToPeer: cpu(raw.name),
      rawDefaultCpuToPeer: cpu(byDefault.name),
      rawRateToBare: 1 / time(raw.name, bare.name),
      rawDefaultRateToBare: 1 / time(byDefault.name, bare.name),
    };
    return { text, figures };
  },
};

function rawEngine(name: string, concurrency: number): Contestant {
  return { ...checkAll(name, { engine: "raw", concurrency }), checks: 80_000 };
}
