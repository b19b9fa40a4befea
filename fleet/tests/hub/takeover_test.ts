/** Takeover from a notifying hub that is killed or paused, with the default lease. */

import { assert, assertEquals } from "@std/assert";
import { Receiver } from "../../../monitor/tests/support/receiver.ts";
import { eventually } from "../support/eventually.ts";
import { TestFleet } from "../support/fleet.ts";
import { HubProcess } from "../support/hub_process.ts";
import { natsTest } from "../support/nats_server.ts";
import { leaseReader } from "../support/notifier_lease.ts";

const TARGET = "192.0.2.1:80";

/** Hubs with a webhook: `one`, a process that has reported a target as down, and `two`, the standby. */
async function twoHubs(fleet: TestFleet, { url }: Receiver) {
  await fleet.apply([TARGET]);
  const source = `${fleet.server.folder}/hub.yml`;
  await Deno.writeTextFile(source, `sinks:\n  - type: webhook\n    url: ${url}\n    wait: 50ms\n`);
  const one = fleet.use(new HubProcess({ nats: { servers: fleet.urls, name: "one" }, name: "one", source }));
  const readLease = await leaseReader(fleet);
  await eventually(readLease, (lease) => lease?.hub === "one");
  const { hub: two } = await fleet.hub("two", { source });
  const agents = await Promise.all(["a", "b", "c"].map((name) => fleet.agent(name, { lease: 10_000 })));
  const changeState = async (method: "add" | "delete", state: string) => {
    agents.forEach(({ prober }) => prober.down[method](TARGET));
    await eventually(() => two.monitor.get(TARGET)?.state, (current) => current === state);
  };
  await changeState("delete", "up");
  await changeState("add", "down");
  return { one, two, changeState, readLease };
}

/** Status of each received alert. */
function alerts({ posted }: Receiver): string[] {
  return posted.flatMap(({ body }) => body.alerts.map(({ status }: { status: string }) => status));
}

/** Ends or pauses hub `one` right after a renewal, and waits until hub `two` has resolved its alert. */
async function takeOver(fleet: TestFleet, receiver: Receiver, signal: Deno.Signal) {
  const hubs = await twoHubs(fleet, receiver);
  const { one, two, changeState, readLease } = hubs;
  await eventually(() => alerts(receiver), ({ length }) => length > 0);
  const { sequence, duration } = (await readLease())!;
  // Hub two reads the lease four times per lease time, so it takes over within 9.4 s.
  assertEquals(duration, 7500);
  await eventually(readLease, (lease) => lease!.sequence > sequence);
  one.signal(signal);
  const last = (await readLease())!;
  assertEquals([last.hub, two.isNotifier], ["one", false]);
  await changeState("delete", "up");
  const next = await eventually(readLease, (lease) => lease!.hub === "two");
  assert(next!.time - last.time > duration, `${next!.time - last.time} ms`);
  await eventually(() => alerts(receiver), (alerts) => alerts.includes("resolved"));
  assertEquals([alerts(receiver), two.isNotifier], [["firing", "resolved"], true]);
  return hubs;
}

natsTest("a hub takes over from a killed hub when its lease has expired", async () => {
  await using fleet = await TestFleet.start();
  await using receiver = new Receiver();
  await takeOver(fleet, receiver, "SIGKILL");
});

natsTest("a hub takes over from a paused hub, which sends nothing when it resumes", async () => {
  await using fleet = await TestFleet.start();
  await using receiver = new Receiver();
  const { one, two, changeState } = await takeOver(fleet, receiver, "SIGSTOP");
  one.signal("SIGCONT");
  await changeState("add", "down");
  await eventually(() => alerts(receiver), ({ length }) => length >= 3);
  await changeState("delete", "up");
  await eventually(() => alerts(receiver), ({ length }) => length >= 4);
  assertEquals([alerts(receiver), two.isNotifier], [["firing", "resolved", "firing", "resolved"], true]);
});
