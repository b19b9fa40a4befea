/** Cost of a check with many checks in flight. */

import { checkAddr, checkAll } from "../contestants.ts";
import type { Table } from "../setting.ts";
import { against } from "./against.ts";

/** Enough addresses that local ports don't run out. */
const ADDRESSES = 1000;

/** `checkAddr()` and `checkAll()`, each with 100, 1,000 and 10,000 at once. */
export const many: Table = {
  name: "many",
  title: "More checks at once, port up, 1,000 addresses",
  async measure(setting) {
    const ways = ([["checkAddr()", checkAddr], ["checkAll()", checkAll]] as const).map(([name, make]) =>
      [100, 1000, 10_000].map((concurrency) =>
        make(`${name}, ${concurrency.toLocaleString("en")} at once`, { concurrency, addresses: ADDRESSES })
      )
    );
    const comparisons = [];
    for (const way of ways) comparisons.push(await against(way, setting));
    const [promises] = comparisons;
    const [, thousand, tenThousand] = ways[0].map(({ name }) => name);
    return {
      text: comparisons.map(({ text }) => text).join("\n\n"),
      figures: {
        thousandCpu: promises.cpu(thousand),
        thousandTime: promises.time(thousand),
        tenThousandCpu: promises.cpu(tenThousand),
        tenThousandTime: promises.time(tenThousand),
      },
    };
  },
};
