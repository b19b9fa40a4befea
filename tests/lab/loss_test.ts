/** A network that loses packets in both directions. */

import { assert, assertEquals } from "@std/assert";
import { listening, refusing, type Rule } from "../support/behaviour.ts";
import { ENGINES, nameFor } from "../support/engines.ts";
import { proves } from "../support/evidence.ts";
import { labTest } from "../support/lab.ts";
import { countReportedAcks } from "../support/lateness.ts";

/** Addresses of each family. */
const ADDRESSES = 250;
const UP = 80;
const CLOSED = 81;

/** With this seed the lab loses at most three SYNs or answers of a host; the timeout permits four. */
const SEED = 2;

const RULES: Rule[] = [
  { ports: UP, loss: 0.1, ...listening(5) },
  { ports: CLOSED, loss: 0.1, ...refusing(5) },
];
const HOSTS = Array.from(
  { length: ADDRESSES },
  (_, i) => [`198.18.0.${i + 1}`, `[2001:db8::${(i + 1).toString(16)}]`],
).flat().flatMap((address) => [`${address}:${UP}`, `${address}:${CLOSED}`]);

for (const engine of ENGINES.filter(({ mode }) => mode === "half-open")) {
  labTest(
    nameFor("with 10 % packet loss the outcome of a check is the first answer that arrives in time", engine),
    async (lab, test) => {
      // The timeout permits the second SYN, at least one more, and its answer.
      const timeout = 3500;
      const checks = HOSTS.map((target) => ({ target, options: { timeout } }));
      const { results, wire } = await lab.check({ rules: RULES }, checks, {}, { engine: engine.name });
      const statuses: Record<string, number> = {};
      for (const [i, result] of results.entries()) {
        const segments = wire.with(HOSTS[i]);
        const syns = segments.filter(({ from, kind }) => from === "client" && kind === "SYN");
        // Answers to the first SYN count as lost after the renewal of its socket.
        const last = syns[syns.length - 1].client;
        const renewed = syns.find(({ client }) => client === last)!;
        const deadline = syns[0].at + timeout * 1000;
        const answered = segments.some(({ from, lost, client, at }) =>
          from === "host" && lost === undefined && at < deadline &&
          (!engine.hasSockets || client === last || at < renewed.at)
        );
        const expected = answered ? (HOSTS[i].endsWith(`:${UP}`) ? "up" : "refused") : "timeout";
        assertEquals(result.status, expected, HOSTS[i]);
        if ("retransmits" in result) assertEquals(result.retransmits, syns.length - 1, HOSTS[i]);
        statuses[result.status] = (statuses[result.status] ?? 0) + 1;
      }
      const { SYN, RST, ACK = 0, ...others } = wire.sent();
      assertEquals([others, countReportedAcks(results, HOSTS, wire)], [{}, ACK]);
      const lost = Object.entries(wire.counts).filter(([name]) => name.endsWith(" lost")).map(([, count]) => count);
      const lostInAll = lost.reduce((a, b) => a + b);
      // The network behaves as configured: both directions lose some packets.
      assert(lost.length >= 4 && SYN > HOSTS.length);
      proves(
        test,
        "verdicts",
        `${HOSTS.length} checks, ${lostInAll} packets lost: ${JSON.stringify(statuses)}, 0 wrong`,
      );
      proves(test, "retransmits", `${SYN} SYNs of ${HOSTS.length} checks`);
      proves(
        test,
        "segments",
        `${SYN} SYNs, ${RST} RSTs, ${ACK} reported ACKs, 0 others, with ${lostInAll} packets lost`,
      );
    },
  );

  labTest(
    nameFor("with 10 % packet loss checks with a long timeout have the right outcome", engine),
    async (lab, test) => {
      const checks = HOSTS.map((target) => ({ target, options: { timeout: 30_000 } }));
      const { results, wire } = await lab.check({ rules: RULES, seed: SEED }, checks, {}, { engine: engine.name });
      const syns = HOSTS.map((host) => wire.sentTo(host).filter((kind) => kind === "SYN").length);
      for (const [i, result] of results.entries()) {
        assertEquals(result.status, HOSTS[i].endsWith(`:${UP}`) ? "up" : "refused", HOSTS[i]);
        if ("retransmits" in result) assertEquals(result.retransmits, syns[i] - 1, HOSTS[i]);
      }
      const { SYN, RST, ACK = 0, ...others } = wire.sent();
      assertEquals([others, countReportedAcks(results, HOSTS, wire)], [{}, ACK]);
      const most = Math.max(...syns);
      // Some checks needed more than two SYNs.
      assert(most > 2, `${most} SYNs`);
      proves(
        test,
        "verdicts",
        `${HOSTS.length} checks with time for more SYNs: ${HOSTS.length / 2} up, ${HOSTS.length / 2} refused, 0 wrong`,
      );
      proves(test, "retransmits", `${SYN} SYNs of ${HOSTS.length} checks, ${most} of one, ${RST} RSTs`);
    },
  );
}
