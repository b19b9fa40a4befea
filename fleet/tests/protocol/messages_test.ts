/** Received messages are validated: malformed ones are rejected. */

import { assert, assertEquals } from "@std/assert";
import { encode } from "../../lib/protocol/codec.ts";
import { parseEventBatch } from "../../lib/protocol/events.ts";
import { parseAgentLease, parseHubLease } from "../../lib/protocol/lease.ts";
import { parseCurrent, parseManifest } from "../../lib/protocol/list.ts";
import { Malformed } from "../../lib/protocol/malformed.ts";
import { parseMinuteBatch } from "../../lib/protocol/minutes.ts";
import { parseNotifierLease } from "../../lib/protocol/notifier.ts";
import { parseReportBatch } from "../../lib/protocol/target_reports.ts";

const boot = "0123456789abcdef";
const digest = "0123456789abcdef".repeat(4);
const lease = { zone: "eu-1", boot, epoch: 1, lease: 10_000, version: "0.1.0", list: null, targets: 0 };
const transition = { type: "transition", at: 1, sequence: 7, id: "db", from: "up", to: "down" };
const manifest = {
  vote: { witnesses: 3 },
  monitor: { interval: 2000 },
  targets: 2,
  chunks: [{ digest, bytes: 30, targets: 2 }],
};

interface Message {
  readonly parse: (data: Uint8Array) => unknown;
  readonly valid: readonly unknown[];
  readonly malformed: readonly unknown[];
}

const MESSAGES: Record<string, Message> = {
  "the lease of an agent": {
    parse: parseAgentLease,
    valid: [lease, { ...lease, list: digest, left: true }],
    malformed: [
      { ...lease, zone: "eu.1" },
      { ...lease, zone: "" },
      { ...lease, boot: "1" },
      { ...lease, epoch: 0 },
      { ...lease, lease: 60_001 },
      { ...lease, lease: 999 },
      { ...lease, list: "x" },
      { ...lease, left: false },
      { ...lease, version: "x".repeat(1025) },
    ],
  },
  "the lease of a hub": {
    parse: parseHubLease,
    valid: [{ boot, lease: 10_000, version: "0.1.0", notifier: false }],
    malformed: [{ boot, lease: 10_000, version: "0.1.0" }],
  },
  "reports": {
    parse: parseReportBatch,
    valid: [{ boot, epoch: 1, reports: [] }, { boot, epoch: 2, reports: [["db", "down", 1, 7, 3, "ECONNREFUSED"]] }],
    malformed: [
      { boot, epoch: 1 },
      { boot, epoch: 1, reports: [["db", "maybe", 1, 7, 3, null]] },
      { boot, epoch: 1, reports: [["", "up", 1, 7, 3, null]] },
      { boot, epoch: 1, reports: [["é".repeat(513), "up", 1, 7, 3, null]] },
      { boot, epoch: 1, reports: [["db", "up", 1, 7, 3]] },
      { boot, epoch: 1, reports: [["db", "up", 1, 7.5, 3, null]] },
      // Neither a date nor a count.
      { boot, epoch: 1, reports: [["db", "up", 8.64e15 + 1, 7, 3, null]] },
      { boot, epoch: 1, reports: [["db", "up", 1, 2 ** 53, 3, null]] },
      { boot, epoch: 1, reports: [["db", "up", 1, 7, 3, null, 0]] },
    ],
  },
  "events": {
    parse: parseEventBatch,
    valid: [{ boot, dropped: 0, events: [transition, { ...transition, sequence: 8 }] }],
    malformed: [
      { boot, dropped: 0, events: [transition, transition] },
      { boot, dropped: 0, events: [{ ...transition, type: "lost" }] },
      { boot, dropped: 0, events: [{ ...transition, sequence: 0 }] },
      { boot, dropped: -1, events: [transition] },
    ],
  },
  "minutes": {
    parse: parseMinuteBatch,
    valid: [{ boot, sequence: 1, dropped: 0, minute: 60_000, rows: [["db", 30, 0, 0, 0.1, 0.2, 0.3]] }],
    malformed: [
      { boot, sequence: 1, dropped: 0, minute: 60_000, rows: [["db", 30, 0, 0, 0.1, 0.2]] },
      { boot, sequence: 1, dropped: 0, minute: 60_000, rows: [["db", 1_000_001, 0, 0, 0.1, 0.2, 0.3]] },
      { boot, sequence: 1, dropped: 0, minute: 60_000, rows: [["db", 30, 0, 0, 0.1, 0.2, 3_600_001]] },
    ],
  },
  "the list in force": {
    parse: parseCurrent,
    valid: [{ digest, at: 1, previous: [] }, { digest, at: 2, previous: [{ digest, at: 1 }] }],
    malformed: [{ digest: digest.slice(1), at: 1, previous: [] }, {
      digest,
      at: 1,
      previous: Array(11).fill({ digest, at: 1 }),
    }],
  },
  "a manifest": {
    parse: parseManifest,
    valid: [manifest, { ...manifest, vote: { witnesses: 3, agree: 2, quorum: 1 } }],
    malformed: [
      { ...manifest, vote: { witnesses: 0 } },
      { ...manifest, chunks: [{ digest, bytes: 512 * 1024 + 1, targets: 2 }] },
      { ...manifest, unknown: 1 },
    ],
  },
  "the lease on notifying": {
    parse: parseNotifierLease,
    valid: [{ hub: "a", boot, lease: 10_000 }, { hub: "a", boot, lease: 10_000, left: true }],
    malformed: [{ hub: "a b", boot, lease: 10_000 }, { hub: "a", boot }, { hub: "a", boot, lease: 999 }],
  },
};

for (const [name, { parse, valid, malformed }] of Object.entries(MESSAGES)) {
  Deno.test(`${name}: a valid message is parsed as it was encoded`, () => {
    for (const message of valid) assertEquals(parse(encode(message)), message);
  });

  Deno.test(`${name}: an invalid message is malformed, with a problem`, () => {
    for (const message of [...malformed, null, [], "x"]) {
      const parsed = parse(encode(message));
      assert(parsed instanceof Malformed, JSON.stringify(message));
      assert(parsed.problem !== "");
    }
  });

  Deno.test(`${name}: bytes that are not JSON in UTF-8 are malformed`, () => {
    for (const bytes of [[], [0xff], [0x22, 0xc3, 0x22], [0x7b]]) {
      assert(parse(new Uint8Array(bytes)) instanceof Malformed);
    }
  });
}
