/**
 * Runs, in a network namespace, a cluster of three servers, of which the third is disconnected from the others, with an
 * agent on each side.
 */

import { eventually } from "../support/eventually.ts";
import { TestFleet } from "../support/fleet.ts";
import { NatsServer, newPlace, openConfig } from "../support/nats_server.ts";
import { CutNetwork } from "../support/packet_filter.ts";
import { readOnce, recordSequences } from "../support/recorded_events.ts";
import { VerdictLog } from "../support/verdict_log.ts";

/** Results of the script. */
export interface Partition {
  /** Targets that were ever down, according to the majority and to the minority. */
  readonly down: [string[], string[]];
  /** The agents that were present during the partition, according to each side. */
  readonly agents: [number, number];
  /**
   * Transitions that the agent of the minority published afterwards, and whether all its events are stored, in order.
   */
  readonly transitions: string[];
  readonly isComplete: boolean;
}

const TARGETS = Array.from({ length: 20 }, (_, i) => `192.0.2.${i}:80`);
const LEASE = { lease: 4000, settle: 200, handover: 1000 };

/** The address of a server for the others. Packets to and from these addresses are dropped. */
const address = (i: number) => `127.201.0.${i + 1}`;
const places = [newPlace(), newPlace(), newPlace()].map((place) => ({ ...place, hostname: "127.0.0.1" }));
const servers = await Promise.all(places.map((place, i) => {
  // The first two servers reach each other by an address that is never dropped.
  const routes = places.flatMap(({ routePort }, j) =>
    j === i ? [] : [`"nats://${i < 2 && j < 2 ? "127.0.0.1" : address(j)}:${routePort}"`]
  );
  const config = (_: unknown, folder: string) =>
    `${openConfig(place, folder)}
    server_name: "s${i}"
    cluster { name: "tests", listen: "0.0.0.0:${place.routePort}", advertise: "${address(i)}:${place.routePort}",
      routes: [${routes.join(", ")}] }
  `;
  return NatsServer.create({ place, config });
}));

await Promise.all(servers.map((server) => server.start()));
const [greater, smaller] = [servers.slice(0, 2), servers.slice(2)].map((part) => part.map(({ url }) => url));
{
  await using fleet = await TestFleet.on({ servers, urls: greater });
  await fleet.apply(TARGETS);
  const agents = [
    await fleet.agent("a", LEASE),
    await fleet.agent("b", LEASE),
    await fleet.agent("c", { ...LEASE, connection: { servers: smaller } }),
  ];
  const [, , cut] = agents;
  const found = recordSequences(cut.agent);
  await using log = new VerdictLog(greater, TARGETS);
  await using cutLog = new VerdictLog(smaller, TARGETS);
  await log.until("up 3");
  await cutLog.until("up 3");

  const network = await CutNetwork.make("127.201.0.0/16");
  await network.cut();
  await log.when(() => log.state.agents.size === 2);
  for (const { prober } of agents) prober.down.add(TARGETS[0]);
  await log.until("down 2", [TARGETS[0]]);
  await eventually(() => cut.agent.monitor.get(TARGETS[0])?.state, (state) => state === "down");
  for (const { prober } of agents) prober.down.delete(TARGETS[0]);
  await log.until("up 2");
  await eventually(() => cut.agent.monitor.get(TARGETS[0])?.state, (state) => state === "up");
  const present: [number, number] = [log.state.agents.size, cutLog.state.agents.size];
  const downBefore = cutLog.ever("down");

  await network.heal();
  await log.until("up 3");
  await cutLog.until("up 3");
  await eventually(() => cut.agent.status.waiting, (waiting) => waiting === 0);
  const events = await fleet.events("c");
  const result: Partition = {
    down: [log.ever("down"), downBefore],
    agents: present,
    transitions: events.filter(({ id, type }) => id === TARGETS[0] && type === "transition").map(({ to }) => to!),
    isComplete: readOnce(events).join() === found.join(),
  };
  console.log(JSON.stringify(result));
}
await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
