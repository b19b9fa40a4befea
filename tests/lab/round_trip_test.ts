/** The round trip time of a result is the network's. */

import { assert, assertEquals } from "@std/assert";
import type { Input } from "../scripts/check.ts";
import { listening, type Rule } from "../support/behaviour.ts";
import { ENGINES, nameFor } from "../support/engines.ts";
import { proves } from "../support/evidence.ts";
import { labTest, type Wire } from "../support/lab.ts";

/** Ports, and the round trip time to each in ms. */
const NEAR: Rule = { ports: 80, ...listening(20) };
const FAR: Rule = { ports: 81, ...listening(100) };
const ANYWHERE: Rule = { ports: 82, ...listening([5, 200]) };

const CHECKS = 100;
/** Tolerance in ms, because the SYNs of one system call share a time, and the raw engine uses another clock. */
const TOLERANCE = 0.2;

for (const engine of ENGINES.filter(({ mode }) => mode === "half-open")) {
  labTest(nameFor("rtt is the time from the SYN to the SYN-ACK", engine), async (lab, test) => {
    const hosts = [NEAR, FAR, ANYWHERE].flatMap(({ ports }) =>
      Array.from({ length: CHECKS }, (_, i) => i % 2 === 0 ? `198.18.0.${i}:${ports}` : `[2001:db8::${i}]:${ports}`)
    );
    const checks: Input["checks"] = hosts.map((target) => ({ target }));
    const { results, wire } = await lab.check({ rules: [NEAR, FAR, ANYWHERE], spins: true }, checks, {}, {
      engine: engine.name,
    });
    let [above, narrow] = [0, 0];
    for (const [i, result] of results.entries()) {
      assert(result.status === "up");
      const { least, most } = roundTrip(wire, hosts[i]);
      assert(result.rtt >= least, `${hosts[i]}: ${result.rtt} ms, and the lab took ${least}`);
      assert(result.duration >= result.rtt);
      if (result.rtt > most + TOLERANCE) above++;
      if (most - least < 1) narrow++;
    }
    // A SYN is late if the kernel gets no CPU between the reading of the clock and the device's queue.
    assert(above <= 5 + narrow / 10, `${above} of ${hosts.length} took longer than on the wire`);
    assertEquals(wire.sent(), { SYN: hosts.length, RST: engine.resets * hosts.length });
    proves(
      test,
      "roundTrip",
      `${hosts.length} checks: no rtt below that on the wire, ${above} above it, ${narrow} bounded to 1 ms`,
    );
  });

  labTest(
    nameFor("rtt after a retransmission counts from the answered SYN", engine),
    async (lab, test) => {
      const rules: Rule[] = [{ loseSyns: [1], ...listening(50) }];
      const hosts = ["198.18.0.1:80", "[2001:db8::1]:80"];
      const { results, wire } = await lab.check(
        { rules },
        hosts.map((target) => ({ target, options: { timeout: 3000 } })),
        {},
        { engine: engine.name },
      );
      for (const [i, result] of results.entries()) {
        assert(result.status === "up");
        assertEquals(result.retransmits, 1);
        assert(result.rtt >= roundTrip(wire, hosts[i]).least, `${result.rtt} ms`);
        // The first SYN is 0.9 s older.
        assert(result.rtt <= result.duration - 900, `${result.rtt} of ${result.duration} ms`);
      }
      proves(test, "roundTrip", "2 checks, 4 SYNs: rtt counts from the second");
    },
  );

  labTest(nameFor("retransmits is the number of SYNs after the first", engine), async (lab, test) => {
    const lost = [[], [1], [1, 2]];
    const rules = lost.map((loseSyns, i): Rule => ({ ports: 80 + i, loseSyns, ...listening(5) }));
    const hosts = [80, 81, 82, 83].flatMap((port) => [`198.18.0.1:${port}`, `[2001:db8::1]:${port}`]);
    const { results, wire } = await lab.check(
      { rules },
      hosts.map((target) => ({ target, options: { timeout: 3500 } })),
      {},
      { engine: engine.name },
    );
    const sent = hosts.map((host) => wire.sentTo(host).filter((kind) => kind === "SYN").length);
    assertEquals(sent.slice(0, 6), [1, 1, 2, 2, 3, 3]);
    for (const [i, result] of results.entries()) {
      assert(result.status === "up" || result.status === "timeout");
      assertEquals(result.retransmits, sent[i] - 1);
    }
    proves(test, "retransmits", `${hosts.length} checks: ${sent.reduce((a, b) => a + b)} SYNs`);
  });
}

/** The bounds in ms of the time from the last SYN of a handshake to its answer, measured by the lab. */
function roundTrip(wire: Wire, host: string): { least: number; most: number } {
  const segments = wire.with(host);
  const syn = segments.findLast(({ kind }) => kind === "SYN");
  const answer = segments.find(({ kind }) => kind === "SYN-ACK");
  assert(syn !== undefined && answer !== undefined);
  return { least: (answer.earliest - syn.latest) / 1000, most: (answer.latest - syn.earliest) / 1000 };
}
