/** A network that loses packets, either way. */

import { assert, assertEquals } from "@std/assert";
import { listening, refusing } from "./support/behaviour.ts";
import { ENGINES, nameFor } from "./support/engines.ts";
import { proves } from "./support/evidence.ts";
import { labTest } from "./support/lab.ts";

/** Addresses of each family. */
const ADDRESSES = 250;
const UP = 80;
const CLOSED = 81;

for (const engine of ENGINES.filter(({ mode }) => mode === "half-open")) {
  labTest(
    nameFor("where one packet in ten is lost, what comes of a check is what came back in time", engine),
    async (lab, test) => {
      const rules = [
        { ports: UP, loss: 0.1, ...listening(5) },
        { ports: CLOSED, loss: 0.1, ...refusing(5) },
      ];
      const addresses = Array.from(
        { length: ADDRESSES },
        (_, i) => [`198.18.0.${i + 1}`, `[2001:db8::${(i + 1).toString(16)}]`],
      );
      const hosts = addresses.flat().flatMap((address) => [`${address}:${UP}`, `${address}:${CLOSED}`]);
      // Time for the second SYN, and one more at least, and for what answers it.
      const checks = hosts.map((target) => ({ target, options: { timeout: 3500 } }));
      const { results, wire } = await lab.check({ rules }, checks, {}, { engine: engine.name });
      const statuses: Record<string, number> = {};
      for (const [i, result] of results.entries()) {
        const segments = wire.with(hosts[i]);
        const syns = segments.filter(({ from, kind }) => from === "client" && kind === "SYN");
        // What comes for the socket of the first SYN once another has taken its place is heard no more.
        const last = syns[syns.length - 1].client;
        const renewed = syns.find(({ client }) => client === last)!;
        const answered = segments.some(({ from, lost, client, at }) =>
          from === "host" && lost === undefined && (!engine.hasSockets || client === last || at < renewed.at)
        );
        const expected = answered ? (hosts[i].endsWith(`:${UP}`) ? "up" : "refused") : "timeout";
        assertEquals(result.status, expected, hosts[i]);
        if ("retransmits" in result) assertEquals(result.retransmits, syns.length - 1, hosts[i]);
        statuses[result.status] = (statuses[result.status] ?? 0) + 1;
      }
      const { SYN, RST, ...others } = wire.sent();
      assertEquals(others, {});
      const lost = Object.entries(wire.counts).filter(([name]) => name.endsWith(" lost")).map(([, count]) => count);
      const lostInAll = lost.reduce((a, b) => a + b);
      // It is a network as it was meant: both ways lose some.
      assert(lost.length >= 4 && SYN > hosts.length);
      proves(
        test,
        "verdicts",
        `${hosts.length} checks, ${lostInAll} packets lost: ${JSON.stringify(statuses)}, 0 wrong`,
      );
      proves(test, "retransmits", `${SYN} SYNs of ${hosts.length} checks`);
      proves(test, "segments", `${SYN} SYNs, ${RST} RSTs, 0 others, with ${lostInAll} packets lost`);
    },
  );
}
