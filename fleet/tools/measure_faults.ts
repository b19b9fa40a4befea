/**
 * Measures the time from each fault of a fleet until its verdicts are right again, with the defaults of agents and
 * lists, agents as processes with a stub prober, and a reader of all messages, like a hub. It runs in its own network
 * namespace, where nft drops packets, and prints the longest time of each fault, for docs/faults.md.
 *
 *     deno run --allow-all fleet/tools/measure_faults.ts [--times N] [--cut SECONDS]
 *         [--scenario servers|cut|cluster|hubs]
 */

import { parseArgs } from "node:util";
import { LOOPBACK, UNSHARE } from "../../tests/support/namespace.ts";
import { Assignment } from "../lib/assignment/rendezvous.ts";
import { shardOf } from "../lib/assignment/shards.ts";
import { bucketStream, STATE_BUCKET } from "../lib/protocol/subjects.ts";
import { AgentProcess } from "../tests/support/agent_process.ts";
import { eventually } from "../tests/support/eventually.ts";
import { TestFleet } from "../tests/support/fleet.ts";
import { HubProcess } from "../tests/support/hub_process.ts";
import { NatsCluster } from "../tests/support/nats_cluster.ts";
import { newPlace, openConfig } from "../tests/support/nats_server.ts";
import { leaseReader } from "../tests/support/notifier_lease.ts";
import { CutNetwork } from "../tests/support/packet_filter.ts";
import { VerdictLog } from "../tests/support/verdict_log.ts";

const { values } = parseArgs({
  options: {
    times: { type: "string", default: "5" },
    cut: { type: "string", default: "600" },
    scenario: { type: "string" },
    isolated: { type: "boolean", default: false },
  },
});
const TIMES = Number(values.times);
const TARGETS = Array.from({ length: 200 }, (_, i) => `192.0.2.${i}:80`);
const [CHANGING] = TARGETS;
/** Defaults of a list: checks every 2 s, `rise` 2, `fall` 3. */
const DEFAULTS = {};
const NAMES = ["a", "b", "c", "d", "e"];
/** How long agents check targets that move to another agent, in ms: `fall` intervals, and 30 s. */
const HANDOVER = 40_000;
/** The address by which one agent reaches the server, and whose packets are dropped. */
const CUT = "127.200.0.1";

/** The times of each fault in ms, in order of the first. */
const times = new Map<string, number[]>();

function record(fault: string, ms: number): void {
  times.getOrInsertComputed(fault, () => []).push(ms);
  console.error(`${fault}: ${(ms / 1000).toFixed(1)} s`);
}

/** A fleet with five agents, each in its own zone. */
class Measured {
  readonly fleet: TestFleet;
  readonly log: VerdictLog;
  readonly agents = new Map<string, AgentProcess>();

  constructor(fleet: TestFleet) {
    this.fleet = fleet;
    this.log = fleet.use(new VerdictLog(fleet.urls, TARGETS));
  }

  /** Applies the list and starts the agents; agent `a` uses other URLs if given. */
  static async start(fleet: TestFleet, serversOfA = fleet.urls): Promise<Measured> {
    await fleet.apply(TARGETS, {}, DEFAULTS);
    const measured = new Measured(fleet);
    for (const name of NAMES) await measured.start(name, name === "a" ? serversOfA : fleet.urls);
    await measured.settle();
    return measured;
  }

  async start(name: string, servers = this.fleet.urls): Promise<AgentProcess> {
    const agent = this.fleet.use(new AgentProcess({ name, zone: name, connection: { servers } }));
    this.agents.set(name, agent);
    await agent.started();
    return agent;
  }

  /** Waits until every target has all its votes. Returns how long that took, in ms. */
  async untilAssigned(names = NAMES): Promise<number> {
    const assignment = new Assignment(names.map((name) => ({ name, zone: name })), 3);
    const expected = TARGETS.map((id) => [id, assignment.witnesses(shardOf(id))] as const);
    return await this.log.when(() =>
      this.log.state.agents.size === names.length && expected.every(([id, witnesses]) => {
        const voters = new Set(
          this.log.state.witnesses(id).filter(({ report }) => report[1] !== "unknown").map(({ agent }) => agent),
        );
        return witnesses.every((name) => voters.has(name));
      })
    );
  }

  /** Waits until all agents vote, and the handover is over, in which others vote in place of an agent at once. */
  async settle(): Promise<void> {
    await this.untilAssigned();
    await delay(HANDOVER);
  }

  /** Waits until the verdict about the changed target is a state. */
  async untilTurned(state: "up" | "down"): Promise<number> {
    return await this.log.when(() => this.log.state.verdict(CHANGING).state === state);
  }

  async setState(state: "up" | "down"): Promise<void> {
    for (const agent of this.agents.values()) await agent.setTargets(state, CHANGING);
  }
}

async function measureTargets(measured: Measured): Promise<void> {
  await measured.setState("down");
  record("a target goes down", await measured.untilTurned("down"));
  await measured.setState("up");
  record("a target comes up", await measured.untilTurned("up"));
}

async function measureAbsence(measured: Measured): Promise<void> {
  const { log, agents } = measured;
  const others = NAMES.slice(1);
  const startedAt = performance.now();
  await agents.get("a")!.kill();
  record(
    "an agent is killed: its votes no longer count",
    await log.when(() => log.state.agents.size === others.length),
  );
  await measured.untilAssigned(others);
  record("an agent is killed: other agents vote in its place", performance.now() - startedAt);
  await measured.start("a");
  await measured.settle();
}

async function measurePause(measured: Measured): Promise<void> {
  const { log, agents } = measured;
  const others = NAMES.slice(1);
  const startedAt = performance.now();
  agents.get("a")!.signal("SIGSTOP");
  record(
    "an agent is paused: its votes no longer count",
    await log.when(() => log.state.agents.size === others.length),
  );
  await measured.untilAssigned(others);
  record("an agent is paused: other agents vote in its place", performance.now() - startedAt);
  agents.get("a")!.signal("SIGCONT");
  record("an agent resumes after a pause", await measured.untilAssigned());
  await measured.settle();
}

async function measureServer(measured: Measured, seconds: number): Promise<void> {
  const { fleet } = measured;
  await fleet.server.kill();
  await measured.setState("down");
  await delay(seconds * 1000);
  await fleet.server.start();
  const startedAt = performance.now();
  await measured.untilTurned("down");
  record("a server runs again: a target that went down meanwhile is down", performance.now() - startedAt);
  await measured.untilAssigned();
  record("a server runs again: all agents vote", performance.now() - startedAt);
  await measured.setState("up");
  await measured.untilTurned("up");
  await measured.settle();
}

/** Kills or pauses the hub that notifies, right after a renewal of its lease. */
async function measureHub(fleet: TestFleet, fault: string, signal: Deno.Signal): Promise<void> {
  const readLease = await leaseReader(fleet);
  const start = (name: string) => new HubProcess({ nats: { servers: fleet.urls, name }, name });
  await using one = start("one");
  const { sequence } = (await eventually(readLease, (lease) => lease?.hub === "one"))!;
  const two = start("two");
  await eventually(readLease, (lease) => lease!.sequence > sequence + 2);
  const startedAt = performance.now();
  one.signal(signal);
  await eventually(readLease, (lease) => lease!.hub === "two");
  record(fault, performance.now() - startedAt);
  await two.kill("SIGTERM");
}

/** Disconnects agent `a`, applies a list meanwhile, and lets the agent reconnect. */
async function measureCut(measured: Measured, network: CutNetwork, seconds: number): Promise<void> {
  const { log, agents, fleet } = measured;
  const cut = agents.get("a")!;
  const others = NAMES.slice(1);
  const startedAt = performance.now();
  await network.cut();
  await log.when(() => log.state.agents.size === others.length);
  record("an agent is cut off: its votes no longer count", performance.now() - startedAt);
  await measured.untilAssigned(others);
  record("an agent is cut off: other agents vote in its place", performance.now() - startedAt);
  const digest = await fleet.apply([...TARGETS, `192.0.2.${200 + times.size}:80`], {}, DEFAULTS);
  await delay(seconds * 1000 - (performance.now() - startedAt));
  const healedAt = performance.now();
  await network.heal();
  await Promise.all([
    measured.untilAssigned().then(() =>
      record("an agent reconnects after it was cut off", performance.now() - healedAt)
    ),
    eventually(() => cut.status(), ({ list }) => list === digest).then(() =>
      record("a list was applied while an agent was cut off", performance.now() - healedAt)
    ),
  ]);
  await measured.settle();
  const { droppedEvents, droppedMinutes } = await eventually(() => cut.status(), ({ waiting }) => waiting === 0);
  console.error(`cut off for ${seconds} s: ${droppedEvents} events and ${droppedMinutes} batches of minutes dropped`);
}

async function measureServers(): Promise<void> {
  await using fleet = await TestFleet.start();
  const measured = await Measured.start(fleet);
  for (let i = 0; i < TIMES; i++) {
    await measureTargets(measured);
    await measureAbsence(measured);
    await measurePause(measured);
    await measureServer(measured, 20);
  }
  report("servers", measured);
}

async function measureCuts(): Promise<void> {
  const place = { ...newPlace(), hostname: "127.0.0.1" };
  const config = (_: unknown, folder: string) => openConfig({ ...place, hostname: "0.0.0.0" }, folder);
  await using fleet = await TestFleet.start({ place, config });
  const measured = await Measured.start(fleet, [`nats://${CUT}:${place.port}`]);
  const network = await CutNetwork.make(CUT);
  for (let i = 1; i < TIMES; i++) await measureCut(measured, network, 30);
  await measureCut(measured, network, Number(values.cut));
  report("cut", measured);
}

async function measureCluster(): Promise<void> {
  await using cluster = await NatsCluster.start();
  await using fleet = await TestFleet.on(cluster);
  const measured = await Measured.start(fleet);
  const { manager } = await fleet.jetstream();
  for (let i = 0; i < TIMES; i++) {
    const leader = await eventually(
      async () => (await manager.streams.info(bucketStream(STATE_BUCKET)).catch(() => undefined))?.cluster?.leader,
      (leader) => leader !== undefined && leader !== "",
    );
    const server = cluster.named(leader!);
    await server.kill();
    await measured.setState("down");
    record("a cluster's leader is killed: a target that goes down then is down", await measured.untilTurned("down"));
    await cluster.start(server);
    record("a cluster's leader runs again: all agents vote", await measured.untilAssigned());
    await measured.setState("up");
    await measured.untilTurned("up");
  }
  report("cluster", measured);
}

function report(name: string, { log }: Measured): void {
  const down = log.ever("down").filter((id) => id !== CHANGING);
  console.error(`${name}: targets that went down because of a fault: ${down.length}`);
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}

async function measureHubs(): Promise<void> {
  await using fleet = await TestFleet.start();
  for (let i = 0; i < TIMES; i++) {
    await measureHub(fleet, "the hub that notifies is killed: another one takes over", "SIGKILL");
    await measureHub(fleet, "the hub that notifies is paused: another one takes over", "SIGSTOP");
  }
}

const SCENARIOS: Readonly<Record<string, () => Promise<void>>> = {
  servers: measureServers,
  cut: measureCuts,
  cluster: measureCluster,
  hubs: measureHubs,
};

async function measure(): Promise<void> {
  for (const [name, run] of Object.entries(SCENARIOS)) if ((values.scenario ?? name) === name) await run();
  console.log("| fault | measured, at most |\n| --- | --- |");
  for (const [fault, all] of times) console.log(`| ${fault} | ${(Math.max(...all) / 1000).toFixed(1)} s |`);
}

if (values.isolated) await measure();
else {
  const [program, ...args] = [
    ...UNSHARE,
    ...["sh", "-euc", `${LOOPBACK}\nexec "$@"`, "sh", Deno.execPath(), "run", "--quiet", "--no-check", "--allow-all"],
    ...[import.meta.filename!, ...Deno.args, "--isolated"],
  ];
  Deno.exit((await new Deno.Command(program, { args, stdin: "inherit" }).spawn().status).code);
}
