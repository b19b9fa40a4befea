/** Runs, in a network namespace, an agent whose packets to and from the server are dropped for several lease times. */

import { eventually } from "../support/eventually.ts";
import { TestFleet } from "../support/fleet.ts";
import { newPlace, openConfig } from "../support/nats_server.ts";
import { CutNetwork } from "../support/packet_filter.ts";
import { readOnce, recordSequences } from "../support/recorded_events.ts";
import { VerdictLog } from "../support/verdict_log.ts";

/** Results of the script. */
export interface CutOff {
  /** Targets that were ever down. */
  readonly down: string[];
  /** The witness's epoch after it reconnected. */
  readonly epoch: number;
  /** Whether the agent received the list that was applied meanwhile. */
  readonly hasList: boolean;
  /** Transitions of a target during the disconnection, which the agent published afterwards. */
  readonly transitions: string[];
  /** Whether all events of the agent are stored, in order. */
  readonly isComplete: boolean;
  /** Times in ms: from the disconnection to the agent's absence, and from the end of the disconnection to its vote. */
  readonly absentAfter: number;
  readonly backAfter: number;
}

const TARGETS = Array.from({ length: 20 }, (_, i) => `192.0.2.${i}:80`);
const LEASE = { lease: 2000, settle: 200, handover: 1000 };
const CUT = "127.200.0.1";

const place = { ...newPlace(), hostname: "127.0.0.1" };
const config = (_: unknown, folder: string) => openConfig({ ...place, hostname: "0.0.0.0" }, folder);
await using fleet = await TestFleet.start({ place, config });
await fleet.apply(TARGETS);
const cut = await fleet.agent("cut", { ...LEASE, connection: { servers: [`nats://${CUT}:${place.port}`] } });
const found = recordSequences(cut.agent);
const others = [await fleet.agent("b", LEASE), await fleet.agent("c", LEASE)];
await using log = new VerdictLog(fleet.urls, TARGETS);
await log.until("up 3");

const network = await CutNetwork.make(CUT);
const cutAt = performance.now();
await network.cut();
await log.when(() => log.state.agents.size === 2);
const absentAfter = performance.now() - cutAt;
// All agents find the target down; the disconnected agent publishes that later.
for (const { prober } of [cut, ...others]) prober.down.add(TARGETS[0]);
await log.until("down 2", [TARGETS[0]]);
await eventually(() => cut.agent.monitor.get(TARGETS[0])?.state, (state) => state === "down");
for (const { prober } of [cut, ...others]) prober.down.delete(TARGETS[0]);
await log.until("up 2");
await eventually(() => cut.agent.monitor.get(TARGETS[0])?.state, (state) => state === "up");
const list = await fleet.apply([...TARGETS, "192.0.2.100:80"]);
// Three more lease times.
await new Promise((resolve) => setTimeout(resolve, 6000));

const healedAt = performance.now();
await network.heal();
await log.until("up 3");
const backAfter = performance.now() - healedAt;
await eventually(() => cut.agent.status, ({ list: taken, waiting }) => taken === list && waiting === 0);
const events = await fleet.events("cut");
const result: CutOff = {
  down: log.ever("down"),
  epoch: cut.agent.status.epoch,
  hasList: cut.agent.monitor.get("192.0.2.100:80") !== undefined,
  transitions: events.filter(({ id, type }) => id === TARGETS[0] && type === "transition").map(({ to }) => to!),
  isComplete: readOnce(events).join() === found.join(),
  absentAfter,
  backAfter,
};
console.log(JSON.stringify(result));
