/** Sinks that an agent opens by its configuration. */

import { assertEquals } from "@std/assert";
import { closedPort, dismissAll } from "../../../tests/support/listener.ts";
import { AgentFile } from "../support/agent_file.ts";
import { eventually, freePort } from "../support/daemon.ts";
import { Receiver } from "../support/receiver.ts";

Deno.test("an agent sends alerts to a webhook and to Alertmanagers, and answers HAProxy", async () => {
  await using receiver = new Receiver();
  const port = freePort();
  const target = closedPort();
  await using file = new AgentFile(`
monitor: { interval: 50ms }
targets: [{ target: "${target}", id: db, group: databases }]
sinks:
  - { type: webhook, url: "${receiver.url}/hook", token: swordfish, external_url: "http://monitor.example/" }
  - { type: alertmanager, alertmanagers: [{ url: "${receiver.url}/prefix" }], resend: 1m }
  - { type: agent_check, listen: "127.0.0.1:${port}" }
`);
  await using agent = await file.start();
  await receiver.until(2);
  const at = (path: string) => receiver.posted.find((posted) => posted.path === path)!;
  const hook = at("/hook");
  assertEquals(hook.headers.get("Authorization"), "Bearer swordfish");
  assertEquals(hook.body.externalURL, "http://monitor.example/");
  const labels = { alertname: "TargetDown", id: "db", target, group: "databases" };
  assertEquals(hook.body.alerts[0].labels, labels);
  assertEquals(at("/prefix/api/v2/alerts").body[0].labels, labels);
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode("db\n"));
  const answer = new Uint8Array(100);
  assertEquals(
    new TextDecoder().decode(answer.subarray(0, await connection.read(answer) ?? 0)),
    "ready down #refused\n",
  );
  await eventually(() => [...agent.sinks()], (sinks) => sinks.every(({ delivered }) => delivered === 1));
});

Deno.test("the alert of the previous process is resolved before the wait, and no alert of a moved target", async () => {
  await using receiver = new Receiver();
  const target = closedPort();
  const [hostname, port] = target.split(":");
  // Each configuration has another address of the target "moved".
  const configuration = (wait: string) => `
monitor: { interval: 50ms, rise: 1, fall: 1 }
targets: ["${target}", { target: "${closedPort()}", id: moved }]
sinks: [{ type: webhook, url: "${receiver.url}", wait: ${wait} }]
`;
  const alerts = () => receiver.posted.flatMap(({ body }) => body.alerts);
  await using file = new AgentFile(configuration("0s"));
  const database = `${file.folder}/history.db`;
  {
    await using _agent = await file.start({ database });
    await eventually(alerts, ({ length }) => length === 2);
  }
  using listener = Deno.listen({ hostname, port: Number(port) });
  dismissAll(listener);
  file.write(configuration("1h"));
  {
    await using _agent = await file.start({ database });
    await eventually(alerts, ({ length }) => length > 2);
  }
  const [first, ...others] = alerts().filter(({ labels }) => labels.target === target);
  assertEquals(others.map(({ status }) => status), ["resolved"]);
  assertEquals(others[0].labels, first.labels);
  assertEquals(alerts().length, 3);
});
