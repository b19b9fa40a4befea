/** A restart while a target list can't be read: the targets' states are restored when the list is read. */

import { assert, assertEquals } from "@std/assert";
import { closedPort } from "../../../tests/support/listener.ts";
import { AgentFile } from "../support/agent_file.ts";

const TARGETS = [{ targets: [closedPort()] }];

/** The server of a target list, which a test can turn off. */
function serveList() {
  const list = { isOn: true };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    return list.isOn ? Response.json(TARGETS) : new Response("no", { status: 503 });
  });
  return { list, server, url: `http://127.0.0.1:${server.addr.port}/` };
}

Deno.test("targets of a list that is unreadable at the start restore their states when it becomes readable", async () => {
  const { list, server, url } = serveList();
  await using _server = { [Symbol.asyncDispose]: () => server.shutdown() };
  await using file = new AgentFile(`
monitor: { interval: 50ms, timeout: 50ms, fall: 1 }
http_sd_configs: [{ url: "${url}", refresh_interval: 100ms }]
`);
  const database = `${file.folder}/history.db`;
  const [{ targets: [id] }] = TARGETS;
  const run = async (act: (agent: Awaited<ReturnType<AgentFile["start"]>>) => Promise<void>) => {
    await using agent = await file.start({ database });
    await act(agent);
  };
  let since = 0;
  await run(async ({ monitor }) => {
    await file.until(() => file.events.some(({ type }) => type === "transition"));
    since = monitor.get(id)!.since;
  });
  // Neither the failed read nor the end of this run forgets the state.
  list.isOn = false;
  await run(({ monitor }) => Promise.resolve(assertEquals(monitor.size, 0)));
  const before = file.events.length;
  await run(async ({ monitor }) => {
    assertEquals(monitor.size, 0);
    list.isOn = true;
    await file.until(() => file.events.slice(before).some(({ type }) => type === "added"));
    const { state, since: restored } = monitor.get(id)!;
    assertEquals([state, restored], ["down", Math.round(since)]);
    // The state is restored only once: a removed target starts without one.
    monitor.remove(id);
    monitor.add({ target: id, initial: "unknown" });
    assert(monitor.get(id)!.state === "unknown");
  });
});

Deno.test("stored states of targets in no list are deleted after all lists were read", async () => {
  const { list, server, url } = serveList();
  await using _server = { [Symbol.asyncDispose]: () => server.shutdown() };
  const text = `
monitor: { interval: 50ms, timeout: 50ms, fall: 1 }
http_sd_configs: [{ url: "${url}", refresh_interval: 100ms }]
targets: [EXTRA]
`;
  const extra = closedPort();
  await using file = new AgentFile(text.replace("EXTRA", `"${extra}"`));
  const database = `${file.folder}/history.db`;
  {
    await using _agent = await file.start({ database });
    await file.until(() => file.events.filter(({ type }) => type === "transition").length >= 2);
  }
  file.write(text.replace("EXTRA", ""));
  list.isOn = false;
  const before = file.events.length;
  {
    await using agent = await file.start({ database });
    list.isOn = true;
    await file.until(() => file.events.slice(before).some(({ type }) => type === "added"));
    file.write(text.replace("EXTRA", `"${extra}"`));
    await agent.reload();
    assertEquals(agent.monitor.get(extra)!.state, "unknown");
  }
});
