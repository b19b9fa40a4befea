/** Leases and reports, message by message, against a model that reads all messages each time. */

import { assert, assertEquals } from "@std/assert";
import { Random } from "../../../monitor/tests/support/random.ts";
import { shardOf, sliceOf } from "../../lib/assignment/shards.ts";
import { encode } from "../../lib/protocol/codec.ts";
import type { AgentLease } from "../../lib/protocol/lease.ts";
import { agentKey, hubKey, reportsKey } from "../../lib/protocol/subjects.ts";
import type { TargetReport } from "../../lib/protocol/target_reports.ts";
import { FleetState, type StateEntry } from "../../lib/vote/fleet_state.ts";
import { mayVote } from "../../lib/vote/may_vote.ts";
import { scaled } from "../../../tests/support/scale.ts";

const BOOTS = ["0000000000000001", "0000000000000002"];
/** Two targets of slice 0, and two of slice 1. */
const IDS = [0, 1].flatMap((slice) => idsOf(slice, 2));
const [A, B, C] = IDS;

/** Finds ids of a slice. */
function idsOf(slice: number, count: number): string[] {
  const ids: string[] = [];
  for (let i = 0; ids.length < count; i++) if (sliceOf(shardOf(`t${i}`)) === slice) ids.push(`t${i}`);
  return ids.sort();
}

function lease(name: string, options: Partial<AgentLease> = {}): [key: string, value: AgentLease] {
  return [agentKey(name), {
    zone: `zone-${name}`,
    boot: BOOTS[0],
    epoch: 1,
    lease: 10_000,
    version: "0",
    list: null,
    targets: 1,
    ...options,
  }];
}

function report(id: string, state: TargetReport[1]): TargetReport {
  return [id, state, 0, 0, 3, state === "down" ? "ECONNREFUSED" : null];
}

function reports(
  name: string,
  slice: number,
  said: TargetReport[],
  boot = BOOTS[0],
  epoch = 1,
): [key: string, value: unknown] {
  return [reportsKey(name, slice), { boot, epoch, reports: said }];
}

/** A state and its clock. */
class Reader {
  readonly state = new FleetState();
  time = 1_000_000;

  say([key, value]: [key: string, value: unknown], after = 1): string[] {
    this.time += after;
    return [...this.state.apply({ key, data: encode(value), time: this.time })].sort();
  }

  get verdicts(): string {
    return IDS.map((id) => this.state.verdict(id).state).join(" ");
  }
}

Deno.test("reports count while the agent's lease lasts, and then the agent is absent, not down", () => {
  const reader = new Reader();
  const { state } = reader;
  for (const name of ["x", "y"]) {
    reader.say(lease(name));
    assertEquals(reader.say(reports(name, 0, [report(A, "down")])), [A]);
  }
  assertEquals(state.verdict(A), { state: "down", agree: 2, present: 2 });
  reader.say(lease("y"), 9_000);
  // A hub's lease moves the clock, exactly to the end of the lease of x, and past it.
  const end = state.agents.get("x")!.renewed + 10_000;
  assertEquals(reader.say([hubKey("h"), {}], end - reader.time), []);
  assertEquals(state.verdict(A).present, 2);
  assertEquals(reader.say([hubKey("h"), {}]), [A]);
  assertEquals(state.verdict(A), { state: "unknown", agree: 0, present: 1 });
  assertEquals([...state.agents.keys()], ["y"]);
});

Deno.test("an agent is present until the end of its lease, even if another one becomes absent at that moment", () => {
  const reader = new Reader();
  reader.say(lease("x"));
  reader.say(lease("y"), 5);
  reader.say([hubKey("h"), {}], 10_000);
  assertEquals([...reader.state.agents.keys()], ["y"]);
  reader.say([hubKey("h"), {}]);
  assertEquals([...reader.state.agents.keys()], []);
});

Deno.test("an agent's own clock does not matter, and an agent that leaves is absent at once", () => {
  const reader = new Reader();
  reader.say(lease("x"));
  reader.say(reports("x", 0, [[...report(A, "up").slice(0, 2), 8e15, 0, 3, null] as unknown as TargetReport]));
  assertEquals(reader.state.witnesses(A).length, 1);
  assertEquals(reader.say(lease("x", { left: true })), [A]);
  assertEquals(reader.state.witnesses(A), []);
});

Deno.test("reports of another boot or epoch than the lease's don't count, and do once the lease has it", () => {
  const reader = new Reader();
  reader.say(lease("x"));
  reader.say(reports("x", 0, [report(A, "up")], BOOTS[0], 2));
  reader.say(reports("x", 1, [report(C, "up")], BOOTS[1], 1));
  const count = () => [reader.state.witnesses(A).length, reader.state.witnesses(C).length];
  assertEquals(count(), [0, 0]);
  assertEquals(reader.say(lease("x", { epoch: 2 })), [A, C].sort());
  assertEquals(count(), [1, 0]);
  assertEquals(reader.say(lease("x", { boot: BOOTS[1] })), [A, C].sort());
  assertEquals(count(), [0, 1]);
  assertEquals(reader.say(lease("x", { boot: BOOTS[1] })), []);
});

Deno.test("a message replaces the reports of its slice, and of no other", () => {
  const reader = new Reader();
  reader.say(lease("x"));
  reader.say(reports("x", 0, [report(A, "up"), report(B, "up")]));
  reader.say(reports("x", 1, [report(C, "up")]));
  assertEquals(reader.say(reports("x", 0, [report(B, "down")])), [A, B]);
  assertEquals(IDS.map((id) => reader.state.witnesses(id)[0]?.report[1]), [undefined, "down", "up", undefined]);
  reader.say(reports("x", 0, []));
  assertEquals(IDS.map((id) => reader.state.witnesses(id).length), [0, 0, 1, 0]);
  assertEquals([...reader.state.apply({ key: reportsKey("x", 1), data: undefined, time: reader.time })], [C]);
  assertEquals(reader.state.witnesses(C), []);
});

Deno.test("repeated reports are no change, unless the agent's boot or epoch differs", () => {
  const reader = new Reader();
  reader.say(lease("x"));
  assertEquals(reader.say(reports("x", 0, [report(A, "up"), report(B, "up")])), [A, B]);
  assertEquals(reader.say(reports("x", 0, [report(A, "up"), report(B, "up")])), []);
  assertEquals(reader.say(reports("x", 0, [report(A, "down"), report(B, "up")])), [A]);
  assertEquals(reader.say(reports("x", 0, [report(A, "down"), report(B, "up")], BOOTS[0], 2)), [A, B]);
  assertEquals(reader.state.witnesses(A), []);
});

Deno.test("a report on a target of another slice is ignored, so that the order of two slices does not matter", () => {
  const reader = new Reader();
  reader.say(lease("x"));
  assertEquals(reader.say(reports("x", 1, [report(A, "up"), report(C, "up")])), [C]);
  reader.say(reports("x", 0, [report(A, "down")]));
  reader.say(reports("x", 1, []));
  assertEquals(IDS.map((id) => reader.state.witnesses(id)[0]?.report[1]), ["down", undefined, undefined, undefined]);
});

Deno.test("malformed messages are counted, and change nothing", () => {
  const reader = new Reader();
  reader.say(lease("x"));
  reader.say(reports("x", 0, [report(A, "up")]));
  for (const key of [agentKey("x"), reportsKey("x", 0), "reports.x", "other"]) {
    assertEquals(reader.say([key, { epoch: "x" }]), []);
  }
  assertEquals([reader.state.malformed, reader.state.witnesses(A).length], [4, 1]);
});

Deno.test("unknown reports are no votes", () => {
  const reader = new Reader();
  for (const name of ["x", "y", "z"]) reader.say(lease(name));
  for (const name of ["x", "y"]) reader.say(reports(name, 0, [report(A, "unknown")]));
  reader.say(reports("z", 0, [report(A, "down")]));
  assertEquals(reader.state.verdict(A), { state: "unknown", agree: 0, present: 1 });
  reader.state.setVote({ witnesses: 1 });
  assertEquals(reader.state.verdict(A).state, "down");
});

Deno.test("a new witness votes after rise passes or fall failures", () => {
  const votes = (state: "up" | "down" | "unknown" | "maintenance") =>
    [0, 1, 2, 3].map((results) => mayVote(state, results, { rise: 2, fall: 3 }));
  assertEquals(votes("up"), [false, false, true, true]);
  assertEquals(votes("down"), [false, false, false, true]);
  assertEquals([...votes("unknown"), ...votes("maintenance")].includes(true), false);
});

/** Verdicts from all messages so far: the last one per key, and the leases that are unexpired at the latest time. */
function naiveVerdicts(entries: readonly StateEntry[]): string {
  const parse = ({ data }: StateEntry) => JSON.parse(new TextDecoder().decode(data));
  const last = new Map(entries.map((entry) => [entry.key, entry]));
  const now = Math.max(...entries.map(({ time }) => time));
  return IDS.map((id) => {
    const votes: string[] = [];
    for (const entry of last.values()) {
      const [kind, name] = entry.key.split(".");
      const lease = last.get(`agent.${name}`);
      if (kind !== "reports" || lease === undefined) continue;
      const { boot, epoch, lease: duration, left } = parse(lease);
      const said = parse(entry);
      if (left || now - lease.time > duration || boot !== said.boot || epoch !== said.epoch) continue;
      for (const [of, state] of said.reports) if (of === id && state !== "unknown") votes.push(state);
    }
    const down = votes.filter((vote) => vote === "down").length;
    if (votes.length < 2) return "unknown";
    return down >= 2 && down > votes.length / 2 ? "down" : "up";
  }).join(" ");
}

Deno.test("after any messages, verdicts match a model of the last messages, and changes are reported", () => {
  const random = new Random(7);
  const states = new Set<string>();
  for (let run = 0; run < scaled(60, 15); run++) {
    const reader = new Reader();
    const entries: StateEntry[] = [];
    for (let step = 0; step < 120; step++) {
      const before = IDS.map((id) => JSON.stringify(reader.state.verdict(id)));
      const name = random.pick(["v", "w", "x", "y", "z"]);
      const [boot, epoch] = [BOOTS[random.share() < 0.1 ? 1 : 0], random.share() < 0.1 ? 2 : 1];
      const downs = random.share();
      const slice = random.integer(0, 1);
      const said = IDS.filter((_, i) => Math.floor(i / 2) === slice && random.share() < 0.8).map((id) =>
        report(id, random.share() < 0.1 ? "unknown" : random.share() < downs ? "down" : "up")
      );
      const [key, value] = random.share() < 0.4
        ? lease(name, { boot, epoch, ...random.share() < 0.05 && { left: true } })
        : reports(name, slice, said, boot, epoch);
      const changed = reader.say([key, value], random.pick([0, 100, 3_000]));
      entries.push({ key, data: encode(value), time: reader.time });
      assertEquals(reader.verdicts, naiveVerdicts(entries));
      for (const state of reader.verdicts.split(" ")) states.add(state);
      IDS.forEach((id, i) => {
        if (JSON.stringify(reader.state.verdict(id)) !== before[i]) assert(changed.includes(id));
      });
      if (step % 20 === 0) assertEquals(fromSnapshot(entries), reader.verdicts);
    }
  }
  assertEquals([...states].toSorted(), ["down", "unknown", "up"]);
});

/** Verdicts of a reader that begins late: it gets the last message per key, in the order of the stream. */
function fromSnapshot(entries: readonly StateEntry[]): string {
  const reader = new Reader();
  const last = entries.filter(({ key }, i) => entries.findLastIndex((entry) => entry.key === key) === i);
  for (const entry of last) reader.state.apply(entry);
  return reader.verdicts;
}
