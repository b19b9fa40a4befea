/** Stale answers: an answer that arrives after the end of its check does not count for the next check. */

import { assert, assertEquals } from "@std/assert";
import { listening, type Reply, type Rule } from "../support/behaviour.ts";
import { ENGINES, nameFor } from "../support/engines.ts";
import { proves } from "../support/evidence.ts";
import { labTest } from "../support/lab.ts";

/** All checks of a host have the same addresses and ports. */
const ONE_PORT = "echo 40000 40000 >/proc/sys/net/ipv4/ip_local_port_range";

for (const engine of ENGINES.filter(({ mode }) => mode === "half-open")) {
  labTest(nameFor("a SYN from the peer is not an answer", engine), async (lab) => {
    const syn: Reply = { send: { kind: "syn" } };
    const rules: Rule[] = [
      { ports: 80, replies: [syn] },
      { ports: 81, replies: [syn, { send: { kind: "reset" }, after: 50 }] },
    ];
    // A check that ends before its second SYN, and one that ends after.
    const checks = ["198.18.0.1", "[2001:db8::1]"].flatMap((host) => [
      ...[500, 1500].map((timeout) => ({ target: `${host}:80`, options: { timeout } })),
      { target: `${host}:81`, options: { timeout: 500 } },
    ]);
    const { results } = await lab.check({ rules }, checks, {}, { engine: engine.name });
    assertEquals(results.map(({ status }) => status), Array(2).fill(["timeout", "timeout", "refused"]).flat());
  });
}

for (const engine of ENGINES.filter(({ mode }) => mode === "half-open")) {
  labTest(
    nameFor("a late SYN-ACK to one check does not count as the answer to the next", engine),
    async (lab, test) => {
      const hosts = ["198.18.0.1:80", "[2001:db8::1]:80"];
      // The second check waits for the port of the first, and is in flight when the answer to the first arrives.
      const checks = hosts.flatMap((target) => [
        { target, options: { timeout: 100 } },
        { target, options: { timeout: 2000 } },
      ]);
      const { results, wire } = await lab.check({ rules: [listening(300)] }, checks, { setup: ONE_PORT }, {
        engine: engine.name,
      });
      for (const [i, host] of hosts.entries()) {
        const [first, second] = results.slice(2 * i);
        assertEquals([first.status, second.status], ["timeout", "up"]);
        const segments = wire.with(host).map(({ kind }) => kind);
        // The stale answer is reset, and makes Linux retransmit its SYN at once; then the second check's own answer
        // arrives.
        const again = engine.hasSockets ? ["SYN"] : [];
        const rsts = Array(engine.resets).fill("RST");
        const expected = ["SYN", "SYN", "SYN-ACK", ...rsts, ...again, "SYN-ACK", ...rsts];
        assertEquals(segments.slice(0, expected.length), expected);
        assert(second.status === "up");
        assertEquals([second.mode, second.retransmits], ["half-open", again.length]);
        assert(second.duration >= 300, `${second.duration} ms`);
      }
      assertEquals(Object.keys(wire.sent()).sort(), ["RST", "SYN"]);
      proves(test, "verdicts", "2 stale SYN-ACKs for checks with the same ports: 0 counted as an answer");
    },
  );
}
