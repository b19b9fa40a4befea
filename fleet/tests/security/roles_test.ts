/** The generated configuration permits all that agents and hubs need. */

import { assertEquals } from "@std/assert";
import type { MonitorEvent } from "@tcp-shaker/monitor";
import { FleetAgent } from "../../lib/agent/agent.ts";
import { FleetAdmin, listed } from "../../lib/admin/mod.ts";
import { Hub } from "../../lib/hub/mod.ts";
import { eventually } from "../support/eventually.ts";
import { natsTest } from "../support/nats_server.ts";
import { SecureFleet } from "../support/secure_fleet.ts";
import { StubProber } from "../support/stub_prober.ts";

const TARGETS = ["192.0.2.1:80", "192.0.2.2:80", "192.0.2.3:80"];

natsTest("agents and a hub work with their keys, and no request of theirs is refused", async () => {
  await using fleet = await SecureFleet.start();
  const connection = (name: string) => (
    { servers: [fleet.server.url], name, seed: new TextEncoder().encode(fleet.keys[name].seed) }
  );
  await using admin = await FleetAdmin.connect(connection("admin"));
  const monitor = { interval: 50, timeout: 50 };
  await (await admin.plan({ targets: TARGETS.map(listed), monitor, vote: { witnesses: 2 } })).apply();

  const messages: string[] = [];
  const events: MonitorEvent[] = [];
  const onMessage = (message: string) => messages.push(message);
  const prober = new StubProber();
  await using _hub = await Hub.start({
    nats: connection("h"),
    name: "h",
    lease: 1000,
    onMessage,
    onEvent: (event) => void events.push(event),
  });
  const start = (name: string) =>
    FleetAgent.start({
      connection: connection(name),
      name,
      zone: name,
      lease: 1000,
      settle: 100,
      parts: { prober },
      onMessage,
    });
  await using _a = await start("a");
  await using _b = await start("b");
  await eventually(() => admin.status(), ({ counts }) => counts.up === TARGETS.length);

  // A list that is applied later, a verdict, and an event reach the hub.
  await (await admin.plan({ targets: TARGETS.slice(1).map(listed), monitor, vote: { witnesses: 2 } })).apply();
  prober.down.add(TARGETS[1]);
  await eventually(() => admin.status(), ({ counts }) => counts.down === 1 && counts.up === 1);
  await eventually(
    () => events,
    () => events.some((event) => event.type === "transition" && event.id === TARGETS[1] && event.to === "down"),
  );
  const refused = fleet.server.log.text.split("\n").filter((line) => /Violation/.test(line));
  assertEquals([messages, refused], [[], []]);
});
