/** A SYN-ACK that comes twice. */

import { assert, assertEquals } from "@std/assert";
import type { Reply } from "./support/behaviour.ts";
import { proves } from "./support/evidence.ts";
import { labTest } from "./support/lab.ts";

/**
 * An established connection answers a SYN with an ACK at once (RFC 5961, 4.2), and no socket option holds that back.
 * When the second SYN-ACK is faster than our RST the application gets to know, and so must we.
 */
labTest("an ACK that a duplicate has drawn out of the kernel is told of", async (lab, test) => {
  const synAck: Reply = { send: { kind: "syn-ack" }, after: 5 };
  const hosts = Array.from({ length: 10 }, (_, i) => [`198.18.0.${i + 1}:80`, `[2001:db8::${i + 1}]:80`]).flat();
  const checks = hosts.map((target) => ({ target }));
  const { results, wire } = await lab.check({ rules: [{ replies: [synAck, synAck] }] }, checks);
  for (const [i, { status, mode }] of results.entries()) {
    const sent = wire.sentTo(hosts[i]);
    const expected = sent.includes("ACK") ? "full" : "half-open";
    assertEquals([status, mode], ["up", expected], `${hosts[i]} got ${sent}`);
  }
  assert(wire.sent().ACK > 0);
  proves(test, "invisible", `${hosts.length} duplicates: ${wire.sent().ACK} ACKs, each told of with mode "full"`);
});
