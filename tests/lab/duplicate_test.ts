/** Segments between the SYN-ACK and the RST: a second SYN-ACK, data, a FIN, a stray RST. */

import { assert, assertEquals } from "@std/assert";
import type { Output } from "../scripts/check.ts";
import type { Answer, Reply } from "../support/behaviour.ts";
import { proves } from "../support/evidence.ts";
import { labTest } from "../support/lab.ts";

const FOLLOWERS: Record<string, Answer> = {
  "second SYN-ACKs": { kind: "syn-ack" },
  "segments with data": { kind: "data" },
  "FINs": { kind: "fin" },
  // In the window, but not at the sequence number of a valid RST (RFC 5961, 3.2).
  "stray RSTs": { kind: "reset", off: 7 },
};

/** The maximum delay of these segments after the SYN-ACK, in ms. */
const WITHIN = 0.05;

/**
 * An established connection answers a SYN, data or a stray RST with an ACK at once (RFC 5961, 4.2), which no socket option
 * delays. If such a segment arrives before our RST is sent, the application sees a connection, and the result must report
 * it.
 */
for (const [name, send] of Object.entries(FOLLOWERS)) {
  for (const inTurn of [true, false]) {
    const how = inTurn ? "one check at a time" : "many checks at once";
    labTest(`an ACK drawn by ${name} is reported, with ${how}`, async (lab, test) => {
      const syn: Reply = { send: { kind: "syn-ack" }, after: 0.3 };
      const replies: Reply[] = [syn, { send, after: [0.3, 0.3 + WITHIN] }];
      const addresses = Array.from({ length: 500 }, (_, i) => i + 1);
      const hosts = addresses.flatMap((i) => [`198.18.${i >> 8}.${i & 255}:80`, `[2001:db8::${i.toString(16)}]:80`]);
      const checks = hosts.map((target) => ({ target }));
      const { output, wire } = await lab.run<Output>({ rules: [{ replies }] }, "check.ts", { checks, inTurn });
      let untold = 0;
      for (const [i, { status, mode }] of output.results.flat().entries()) {
        assertEquals(status, "up", hosts[i]);
        if (wire.sentTo(hosts[i]).includes("ACK") && mode === "half-open") untold++;
      }
      const { ACK = 0, RST, ...others } = wire.sent();
      assertEquals(Object.keys(others), ["SYN"]);
      assert(RST >= hosts.length);
      // An ACK drawn between the last reading and the block of segments can't be reported.
      assert(untold <= hosts.length / 100, `${untold} of ${ACK} are not reported`);
      proves(
        test,
        "invisible",
        `${hosts.length} ${name} after a SYN-ACK, ${how}: ${ACK} ACKs, ${untold} not reported`,
      );
    });
  }
}
