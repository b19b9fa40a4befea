/** Alerts of a hub that loses its connection and reconnects, while no other hub notifies. */

import { assertEquals } from "@std/assert";
import { Receiver } from "../../../monitor/tests/support/receiver.ts";
import { eventually } from "../support/eventually.ts";
import { TestFleet } from "../support/fleet.ts";
import { natsTest } from "../support/nats_server.ts";

const [TARGET, LATER] = ["192.0.2.1:80", "192.0.2.2:80"];

/** Status and target of each received alert. */
function alerts({ posted }: Receiver): string[] {
  return posted.flatMap(({ body }) =>
    body.alerts.map(({ status, labels }: { status: string; labels: { id: string } }) => `${status} ${labels.id}`)
  );
}

/** Interrupts the server while a target is down. The target must have one alert, which ends when the target is up. */
async function testInterruption(
  lease: number,
  interrupt: (fleet: TestFleet, isNotifier: () => boolean) => Promise<void>,
) {
  await using fleet = await TestFleet.start();
  await using receiver = new Receiver();
  await fleet.apply([TARGET, LATER]);
  const source = `${fleet.server.folder}/hub.yml`;
  await Deno.writeTextFile(source, `sinks:\n  - type: webhook\n    url: ${receiver.url}\n    wait: 50ms\n`);
  const { hub, messages } = await fleet.hub("one", { source, lease });
  const agents = await Promise.all(["a", "b", "c"].map((name) => fleet.agent(name)));
  const changeState = async (id: string, state: "up" | "down") => {
    agents.forEach(({ prober }) => prober.down[state === "up" ? "delete" : "add"](id));
    await eventually(() => hub.monitor.get(id)?.state, (current) => current === state);
  };
  await changeState(LATER, "up");
  await changeState(TARGET, "down");
  await eventually(() => alerts(receiver), ({ length }) => length > 0);
  await interrupt(fleet, () => hub.isNotifier);
  await eventually(() => messages.some((message) => message.startsWith("Reconnected")), Boolean);
  await eventually(() => hub.isNotifier, Boolean);
  // A repeated alert would arrive before this one, or together with it.
  await changeState(LATER, "down");
  await eventually(() => alerts(receiver), (alerts) => alerts.includes(`firing ${LATER}`));
  await changeState(TARGET, "up");
  await eventually(() => alerts(receiver), (alerts) => alerts.includes(`resolved ${TARGET}`));
  assertEquals(alerts(receiver), [`firing ${TARGET}`, `firing ${LATER}`, `resolved ${TARGET}`]);
}

natsTest("a hub whose server is paused for longer than its lease does not repeat an alert", async () => {
  await testInterruption(1000, async ({ server }, isNotifier) => {
    server.signal("SIGSTOP");
    await eventually(isNotifier, (isNotifier) => !isNotifier);
    server.signal("SIGCONT");
  });
});

natsTest("a hub whose server restarts within its lease does not repeat an alert", async () => {
  await testInterruption(60_000, async ({ server }) => {
    await server.kill();
    await server.start();
  });
});
