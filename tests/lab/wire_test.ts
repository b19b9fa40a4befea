/** The segments that a check sends, and its outcome, for each kind of answer. */

import { assert, assertEquals } from "@std/assert";
import type { CheckOptions, CheckResult } from "../../mod.ts";
import { type Behaviour, listening, refusing, type Reply, silent } from "../support/behaviour.ts";
import { ENGINES, type EngineUnderTest, nameFor } from "../support/engines.ts";
import { proves } from "../support/evidence.ts";
import { labTest } from "../support/lab.ts";
import { outcome } from "../support/outcome.ts";

/** A host's behaviour, and the expected segments and outcome. */
interface Case {
  host: string;
  behaviour: Behaviour;
  options?: CheckOptions;
  /** The segments that the client sends. */
  sent: string[];
  outcome: string;
  mode?: CheckResult["mode"];
  retransmits?: number;
  /** Differences with the raw engine; `undefined` if the case is not for it. */
  raw?: Partial<Case> | "nothing";
}

const synAck = (after: number, more: Partial<Reply> = {}): Reply => ({ send: { kind: "syn-ack" }, after, ...more });
const proxySynAck: Reply = { send: { kind: "syn-ack", window: 0, options: false }, after: 5 };
const forged = (kind: "syn-ack" | "refusal", off: number, more: Partial<Reply> = {}): Reply => ({
  send: { kind, off },
  after: 5,
  ...more,
});
const reset = (after: number): Reply => ({ send: { kind: "reset" }, after });

const CASES: Case[] = [
  { host: "an open port", behaviour: listening(5), sent: ["SYN", "RST"], outcome: "up" },
  { host: "an open port that answers at once", behaviour: listening(), sent: ["SYN", "RST"], outcome: "up" },
  { host: "a closed port", behaviour: refusing(5), sent: ["SYN"], outcome: "refused ECONNREFUSED" },
  {
    host: "a silent host",
    behaviour: silent,
    options: { timeout: 100 },
    sent: ["SYN"],
    outcome: "timeout",
    retransmits: 0,
  },
  {
    host: "a silent host with a longer timeout",
    behaviour: silent,
    options: { timeout: 1300 },
    sent: ["SYN", "SYN"],
    outcome: "timeout",
    retransmits: 1,
  },
  {
    host: "an open port that the first SYN didn't reach",
    behaviour: { loseSyns: [1], ...listening(5) },
    options: { timeout: 2000 },
    sent: ["SYN", "SYN", "RST"],
    outcome: "up",
    retransmits: 1,
  },
  {
    host: "a closed port that the first SYN didn't reach",
    behaviour: { loseSyns: [1], ...refusing(5) },
    options: { timeout: 2000 },
    sent: ["SYN", "SYN"],
    outcome: "refused ECONNREFUSED",
  },
  {
    host: "an open port whose SYN-ACK comes three times",
    behaviour: { replies: [synAck(5), synAck(200), synAck(300)] },
    // The later SYN-ACKs arrive after the close, so the kernel answers them with a RST.
    sent: ["SYN", "RST", "RST", "RST"],
    outcome: "up",
  },
  {
    host: "an open port whose SYN-ACK comes after the deadline",
    behaviour: { replies: [synAck(300)] },
    options: { timeout: 100 },
    sent: ["SYN", "RST"],
    outcome: "timeout",
    retransmits: 0,
  },
  {
    host: "an open port whose first SYN-ACK is overtaken by its second",
    behaviour: { replies: [synAck(1500, { syns: [1] }), synAck(5, { syns: [2] })] },
    options: { timeout: 2000 },
    sent: ["SYN", "SYN", "RST", "RST"],
    outcome: "up",
    retransmits: 1,
  },
  {
    host: "an open port that never gets our RST",
    behaviour: { loseResets: 2, replies: [synAck(5, { retransmitAfter: 300 })] },
    // Retransmitted after 300 ms and 600 ms more: the kernel answers each with a RST, because no socket is there.
    sent: ["SYN", "RST", "RST", "RST"],
    outcome: "up",
    raw: { behaviour: { loseResets: 4, replies: [synAck(5, { retransmitAfter: 300 })] } },
  },
  {
    host: "an open port that resets right after its SYN-ACK",
    behaviour: { replies: [synAck(5), reset(20)] },
    sent: ["SYN", "RST"],
    outcome: "up",
  },
  {
    host: "a SYN proxy, without options and window",
    behaviour: { replies: [proxySynAck] },
    sent: ["SYN", "RST"],
    outcome: "up",
  },
  {
    host: "a forger of SYN-ACKs",
    behaviour: { replies: [forged("syn-ack", 7), forged("syn-ack", -1)] },
    options: { timeout: 500 },
    // Each is reset, because it acknowledges data that was not sent (RFC 9293, 3.10.7.3), and Linux retransmits its SYN
    // at once.
    sent: ["SYN", "RST", "RST", "SYN", "RST", "RST"],
    outcome: "timeout",
    retransmits: 1,
    raw: { sent: ["SYN", "RST", "RST"], retransmits: 0 },
  },
  {
    host: "an open port, and a forger of SYN-ACKs",
    behaviour: { replies: [forged("syn-ack", 1000, { syns: [1] }), synAck(50, { syns: [2] })] },
    options: { timeout: 2000 },
    sent: ["SYN", "RST", "SYN", "RST"],
    outcome: "up",
    retransmits: 1,
  },
  {
    host: "a forger of RSTs",
    behaviour: { replies: [forged("refusal", 7)] },
    options: { timeout: 300 },
    sent: ["SYN", "SYN"],
    outcome: "timeout",
    retransmits: 1,
    raw: { sent: ["SYN"], retransmits: 0 },
  },
  {
    // This case shows that the lab records ACKs.
    host: "an open port, with a whole handshake",
    behaviour: { replies: [synAck(5), reset(40)] },
    options: { zeroLinger: false },
    sent: ["SYN", "ACK", "FIN"],
    outcome: "up",
    mode: "full",
    raw: "nothing",
  },
];

/** A check that outlasts all cases. */
const LAST = { target: "198.19.0.1:80", options: { timeout: 2500 } };

for (const engine of ENGINES.filter(({ mode }) => mode === "half-open")) {
  labTest(
    nameFor("the client sends exactly the segments of a half-open check, for any answer", engine),
    async (lab, test) => {
      const cases = casesFor(engine);
      const hosts = cases.flatMap((_, i) => [`198.18.0.${i + 1}`, `2001:db8::${(i + 1).toString(16)}`]);
      const rules = hosts.map((host, i) => ({
        to: `${host}/${host.includes(":") ? 128 : 32}`,
        ...cases[i >> 1].behaviour,
      }));
      const targets = hosts.map((host) => host.includes(":") ? `[${host}]:80` : `${host}:80`);
      const checks = targets.map((target, i) => ({ target, options: cases[i >> 1].options }));
      const { results, wire } = await lab.check({ rules }, [...checks, LAST], {}, { engine: engine.name });
      for (const [i, { host, sent, mode = "half-open", ...expected }] of cases.entries()) {
        await test.step(`${host} gets ${sent.join(", ")}`, () => {
          for (const j of [2 * i, 2 * i + 1]) {
            const result = results[j];
            assertEquals(wire.sentTo(targets[j]), sent);
            assertEquals(outcome(result), `${hosts[j]} ${expected.outcome}`);
            assertEquals(result.mode, mode);
            if (expected.retransmits !== undefined) {
              assert("retransmits" in result);
              assertEquals(result.retransmits, expected.retransmits);
            }
          }
        });
      }
      const { SYN, RST, ...others } = wire.sent();
      const full = cases.filter(({ mode }) => mode === "full").length;
      assertEquals(others, full === 0 ? {} : { ACK: 2 * full, FIN: 2 * full });
      proves(
        test,
        "segments",
        `${cases.length} networks, IPv4 and IPv6: ${SYN} SYNs and ${RST} RSTs, each as expected`,
      );
    },
  );
}

function casesFor({ hasSockets, resets }: EngineUnderTest): Case[] {
  if (hasSockets) return CASES;
  const cases = CASES.flatMap(({ raw, ...rest }) => raw === "nothing" ? [] : [{ ...rest, ...raw }]);
  const repeat = (kind: string) => kind === "RST" ? Array(resets).fill(kind) : [kind];
  return cases.map((each) => ({ ...each, sent: each.sent.flatMap(repeat) }));
}
