/** States of a hub that is behind the stream: after a disconnection, or because its machine is busy. */

import { assertEquals } from "@std/assert";
import type { MonitorEvent } from "@tcp-shaker/monitor";
import { shardOf, sliceOf } from "../../lib/assignment/shards.ts";
import { FleetStates } from "../../lib/hub/fleet_states.ts";
import { encode } from "../../lib/protocol/codec.ts";
import { agentKey, reportsKey } from "../../lib/protocol/subjects.ts";

const ID = "192.0.2.1:80";
const BOOT = "0000000000000001";
const NOW = 1_000_000_000;

function lease(states: FleetStates, name: string, time: number, pending = 0): void {
  const data = encode({ zone: name, boot: BOOT, epoch: 1, lease: 10_000, version: "0", list: null, targets: 1 });
  states.apply({ key: agentKey(name), data, time, pending });
}

function reports(states: FleetStates, name: string, time: number, pending = 0): void {
  const data = encode({ boot: BOOT, epoch: 1, reports: [[ID, "up", NOW, 0, 2, null]] });
  states.apply({ key: reportsKey(name, sliceOf(shardOf(ID))), data, time, pending });
}

/** States of a target that is up by three agents. */
function upByThree() {
  const events: MonitorEvent[] = [];
  const observer = { checked: () => {}, published: (event: MonitorEvent) => void events.push(event) };
  const states = new FleetStates({ observers: [observer] });
  states.setList({ targets: [{ id: ID, target: ID }], vote: {} });
  for (const name of ["a", "b", "c"]) {
    lease(states, name, NOW);
    reports(states, name, NOW);
  }
  states.resume();
  const seen = () => {
    const { state, witnesses } = states.get(ID)!;
    return [state, witnesses?.map(({ agent }) => agent).join()];
  };
  assertEquals(seen(), ["up", "a,b,c"]);
  const transitions = () => events.flatMap((event) => event.type === "transition" ? [event.to] : []);
  return { states, seen, transitions };
}

Deno.test("a hub that reads the state again shows no agent as absent before it has read all leases", () => {
  const { states, seen, transitions } = upByThree();
  // The stream keeps the last message per key, so a report is older than the last leases.
  states.pause();
  reports(states, "a", NOW + 20_000, 2);
  assertEquals(seen(), ["up", "a,b,c"]);
  lease(states, "a", NOW + 29_000, 1);
  lease(states, "b", NOW + 30_000);
  states.resume();
  assertEquals([seen(), transitions()], [["up", "a,b"], []]);
  states.pause();
  lease(states, "a", NOW + 60_000);
  states.resume();
  assertEquals([seen(), transitions()], [["unknown", "a"], ["unknown"]]);
});

Deno.test("a hub that falls behind by more than a lease shows no agent as absent before it has read all leases", () => {
  const { states, seen, transitions } = upByThree();
  reports(states, "a", NOW + 20_000, 3);
  assertEquals(seen(), ["up", "a,b,c"]);
  lease(states, "a", NOW + 29_000, 2);
  lease(states, "b", NOW + 30_000, 1);
  reports(states, "a", NOW + 31_000);
  assertEquals([seen(), transitions()], [["up", "a,b"], []]);
  lease(states, "a", NOW + 60_000);
  assertEquals([seen(), transitions()], [["unknown", "a"], ["unknown"]]);
});
