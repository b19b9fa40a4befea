/** States that a hub restores from its history, and the first verdicts after a restart. */

import { assertEquals } from "@std/assert";
import type { MonitorEvent, TargetState } from "@tcp-shaker/monitor";
import { shardOf, sliceOf } from "../../lib/assignment/shards.ts";
import { FleetStates } from "../../lib/hub/fleet_states.ts";
import { encode } from "../../lib/protocol/codec.ts";
import { agentKey, reportsKey } from "../../lib/protocol/subjects.ts";
import type { TargetReport } from "../../lib/protocol/target_reports.ts";

const ID = "192.0.2.1:80";
const BOOT = "0000000000000001";
const NAMES = ["a", "b", "c"];
/** The stream's clock at the restart, and how long the target had been down. */
const NOW = 1_000_000_000;
const AGE = 3_600_000;

const SAVED: TargetState = {
  ...{ id: ID, target: ID, group: "", labels: {}, state: "down", degraded: false, flapping: false },
  ...{ since: NOW - AGE, checks: 10, failures: 4, neutral: 1, reports: 0, transitions: 3, downtime: 5000 },
};

/** A fleet's states after a restart, with three witnesses. */
class Restarted {
  readonly states: FleetStates;
  readonly events: Partial<MonitorEvent>[] = [];

  constructor(saved: TargetState) {
    const published = (event: MonitorEvent) => void this.events.push(event);
    this.states = new FleetStates({ saved: [saved], observers: [{ checked: () => {}, published }] });
  }

  setList(): void {
    this.states.setList({ targets: [{ id: ID, target: ID }], vote: {} });
  }

  /** Reads the state of the fleet: what each witness reports, since when. */
  read(reports: readonly TargetReport[1][], since: number, time = NOW): void {
    for (const [i, state] of reports.entries()) {
      const lease = { zone: NAMES[i], boot: BOOT, epoch: 1, lease: 10_000, version: "0", list: null, targets: 1 };
      this.states.apply({ key: agentKey(NAMES[i]), data: encode(lease), time });
      const report: TargetReport = [ID, state, since, 0, 3, state === "down" ? "refused" : null];
      const data = encode({ boot: BOOT, epoch: 1, reports: [report] });
      this.states.apply({ key: reportsKey(NAMES[i], sliceOf(shardOf(ID))), data, time });
    }
  }
}

Deno.test("a target that is still down keeps since and its counters, and downtime lacks the time without a hub", () => {
  const restarted = new Restarted(SAVED);
  const { states, events } = restarted;
  restarted.read(["down", "down", "down"], NOW - AGE);
  restarted.setList();
  states.resume();
  const target = () => {
    const { state, since, checks, transitions, downtime } = states.get(ID)!;
    return { state, since, checks, transitions, downtime };
  };
  const before = { state: "down", since: NOW - AGE, checks: 10, transitions: 3, downtime: 5000 } as const;
  assertEquals([target(), events], [before, []]);
  restarted.read(["down", "down", "down"], NOW - AGE, NOW + 7000);
  assertEquals(target(), { ...before, downtime: 12_000 });
});

Deno.test("a target that changed state while no hub ran has one event, at the time of the witnesses' transitions", () => {
  const restarted = new Restarted(SAVED);
  const { states, events } = restarted;
  restarted.read(["up", "up", "up"], NOW - 60_000);
  restarted.setList();
  states.resume();
  const { type, at, from, to, duration } = events[0] as Extract<MonitorEvent, { type: "transition" }>;
  assertEquals([type, at, from, to, duration], ["transition", NOW - 60_000, "down", "up", AGE - 60_000]);
  assertEquals([events.length, states.get(ID)!.downtime, states.get(ID)!.transitions], [1, 5000, 4]);
});

Deno.test("a list that is read late restores, too, and downtime lacks the time before it", () => {
  const restarted = new Restarted(SAVED);
  const { states, events } = restarted;
  states.resume();
  restarted.read(["down", "down", "down"], NOW - AGE);
  restarted.setList();
  assertEquals([states.get(ID)!.since, states.get(ID)!.downtime], [NOW - AGE, 5000]);
  assertEquals(events.map(({ type }) => type), ["added"]);
});

Deno.test("a disagreement that exists at a restart causes no event, and its end causes one", () => {
  const restarted = new Restarted({ ...SAVED, state: "up" });
  const { states, events } = restarted;
  restarted.read(["up", "up", "down"], NOW - 60_000);
  restarted.setList();
  states.resume();
  assertEquals([states.disagreements, events], [1, []]);
  restarted.read(["up", "up", "up"], NOW, NOW + 1000);
  assertEquals(events.map((event) => [event.type, "active" in event && event.active]), [["disagreement", false]]);
});

Deno.test("a target with another address under the same id restores nothing", () => {
  const restarted = new Restarted({ ...SAVED, target: "192.0.2.2:80" });
  const { states, events } = restarted;
  restarted.read(["up", "up", "up"], NOW - 60_000);
  restarted.setList();
  states.resume();
  const { state, since, checks, transitions } = states.get(ID)!;
  assertEquals([state, since, checks, transitions, events], ["up", NOW - 60_000, 0, 0, []]);
});

Deno.test("downtime lacks the time for which the hub was disconnected", () => {
  const restarted = new Restarted(SAVED);
  const { states } = restarted;
  restarted.read(["down", "down", "down"], NOW - AGE);
  restarted.setList();
  states.resume();
  const read = (time: number) => restarted.read(["down", "down", "down"], NOW - AGE, time);
  const downtime = () => states.get(ID)!.downtime - SAVED.downtime;
  read(NOW + 7000);
  states.pause();
  // The session ends before the hub has read everything.
  read(NOW + 60_000);
  states.pause();
  read(NOW + 100_000);
  assertEquals(downtime(), 7000);
  states.resume();
  read(NOW + 101_000);
  assertEquals(downtime(), 8000);
  restarted.read(["up", "up", "up"], NOW + 102_000, NOW + 102_000);
  assertEquals([states.get(ID)!.state, downtime()], ["up", 9000]);
});

Deno.test("the event of a target that changed state while the hub was disconnected has the time of the witnesses' transitions", () => {
  const restarted = new Restarted({ ...SAVED, state: "up" });
  const { states, events } = restarted;
  restarted.read(["up", "up", "up"], NOW - AGE);
  restarted.setList();
  states.resume();
  states.pause();
  restarted.read(["down", "down", "up"], NOW + 5000, NOW + 60_000);
  assertEquals(events, []);
  states.resume();
  const transitions = events.map((event) => [event.type, "to" in event && event.to, event.at]);
  assertEquals(transitions, [["transition", "down", NOW + 5000], ["disagreement", false, NOW + 5000]]);
  restarted.read(["up", "up", "up"], NOW + 61_000, NOW + 70_000);
  const recovery = events.find((event) => event.type === "transition" && event.to === "up");
  assertEquals(recovery?.at, NOW + 70_000);
});

Deno.test("a target without votes after a disconnection is unknown from the end of the disconnection", () => {
  const restarted = new Restarted(SAVED);
  const { states, events } = restarted;
  restarted.read(["down", "down", "down"], NOW - AGE);
  restarted.setList();
  states.resume();
  states.pause();
  restarted.read(["unknown", "unknown", "unknown"], NOW - AGE + 200, NOW + 60_000);
  states.resume();
  assertEquals(events.map((event) => ["to" in event && event.to, event.at]), [["unknown", NOW + 60_000]]);
});
