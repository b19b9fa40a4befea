/** The agent: start, reload and end. */

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ConfigurationError } from "../../lib/agent/mod.ts";
import { AgentFile } from "../support/agent_file.ts";
import { closedPort, OpenPort } from "../../../tests/support/listener.ts";

const FAST = "monitor: { interval: 50ms }\n";

Deno.test("an agent checks the targets of its file, and ends", async () => {
  using open = new OpenPort();
  await using file = new AgentFile(`${FAST}targets: ["${open.target}", { target: "${closedPort()}", id: db }]`);
  await using agent = await file.start();
  await file.until(() => file.events.filter(({ type }) => type === "transition").length === 2);
  assertEquals(agent.monitor.get(open.target)?.state, "up");
  assertEquals(agent.monitor.get("db")?.state, "down");
});

Deno.test("reload() adds and removes targets, and keeps state and counters of the others", async () => {
  using open = new OpenPort();
  await using file = new AgentFile(`${FAST}targets: ["${open.target}", { target: "${closedPort()}", id: db }]`);
  await using agent = await file.start();
  await file.until(() => file.events.filter(({ type }) => type === "transition").length === 2);
  const before = agent.monitor.get(open.target)!;
  file.write(`${FAST}targets: ["${open.target}", { target: "${closedPort()}", id: web }]`);
  assertEquals((await agent.reload()).isSuccessful, true);
  const after = agent.monitor.get(open.target)!;
  assertEquals([after.state, after.since], ["up", before.since]);
  assert(after.checks >= before.checks);
  await file.until(() => file.events.some(({ type }) => type === "added"));
  assertEquals([...agent.monitor.states()].map(({ id }) => id), [open.target, "web"]);
});

Deno.test("reload() of an invalid file changes nothing, and returns the problems", async () => {
  await using file = new AgentFile(`${FAST}targets: ["${closedPort()}"]`);
  await using agent = await file.start();
  const { configuration, reloadStatus: { succeededAt } } = agent;
  for (
    const [text, message] of [
      ["targets: [1]", "targets[0]: must be"],
      [
        `${FAST.replace("}", ", engine: auto }")}`,
        "monitor.engine can't change while the process runs: restart the process",
      ],
      ["monitor: { interval: 1s, timeout: 2s }", "timeout must be at most interval"],
    ]
  ) {
    file.write(text);
    const status = await agent.reload();
    assertEquals([status.isSuccessful, status.succeededAt], [false, succeededAt]);
    assertStringIncludes(status.problems[0].message, message);
    assertEquals(agent.reloadStatus, status);
    assertEquals(agent.configuration, configuration);
    assertEquals(agent.monitor.size, 1);
  }
  file.write(`${FAST}targets: []`);
  assertEquals((await agent.reload()).isSuccessful, true);
  assertEquals(agent.monitor.size, 0);
});

Deno.test("an agent does not start with an invalid file", async () => {
  await using file = new AgentFile("targets: 5");
  await assertRejects(() => file.start(), ConfigurationError);
});

Deno.test("reload() applies defaults of targets without changing states", async () => {
  const closed = closedPort();
  await using file = new AgentFile(`monitor: { interval: 50ms, fall: 1000 }\ntargets: ["${closed}"]`);
  await using agent = await file.start();
  file.write(`monitor: { interval: 50ms, fall: 2 }\ntargets: ["${closed}"]`);
  await agent.reload();
  await file.until(() => file.events.some((event) => event.type === "transition" && event.to === "down"));
  assertEquals(agent.monitor.get(closed)?.transitions, 0);
});

Deno.test("reload() opens new sinks, and keeps unchanged ones", async () => {
  await using file = new AgentFile("sinks: [{ type: agent_check, listen: 127.0.0.1:0 }]");
  await using agent = await file.start();
  file.write(`sinks: [{ type: exec, program: "true" }, { type: agent_check, listen: 127.0.0.1:0 }]`);
  assertEquals((await agent.reload()).isSuccessful, true);
  assertEquals(agent.sinks().map(({ type }) => type), ["exec", "agent_check"]);
  // A sink can't be opened, so the earlier sinks stay.
  const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  file.write(`sinks: [{ type: agent_check, listen: "127.0.0.1:${taken.addr.port}" }]`);
  assertEquals((await agent.reload()).isSuccessful, false);
  assertEquals(agent.sinks().map(({ type }) => type), ["exec", "agent_check"]);
  taken.close();
});

Deno.test("a reload changes nothing if the agent ends during it", async () => {
  await using file = new AgentFile("targets: [127.0.0.1:1]");
  const reported: unknown[] = [];
  const agent = await file.start({ onReload: (status) => reported.push(status) });
  // A server that takes the connection and never answers.
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  file.write(`http_sd_configs: [{ url: "http://127.0.0.1:${silent.addr.port}/" }]`);
  const reload = agent.reload();
  using _connection = await silent.accept();
  await agent[Symbol.asyncDispose]();
  const { isSuccessful, problems } = await reload;
  assertEquals([isSuccessful, problems], [false, [{ file: file.path, message: "The agent has ended" }]]);
  assertEquals(reported, []);
});
