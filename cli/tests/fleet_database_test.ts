/** `--database` of hubs and agents of a fleet, as processes that may only access that file. */

import { assertEquals, assertMatch } from "@std/assert";
import { HistoryFile } from "@tcp-shaker/monitor/history";
import { eventually } from "../../fleet/tests/support/eventually.ts";
import { TestFleet } from "../../fleet/tests/support/fleet.ts";
import { natsTest } from "../../fleet/tests/support/nats_server.ts";
import { commandWith, run, RunningCommand } from "../../tests/support/command.ts";
import { OpenPort } from "../../tests/support/listener.ts";

const TARGET = "192.0.2.1:80";
/** Deno reads the worker's modules as files. */
const WORKER = decodeURIComponent(new URL("../../monitor/lib/history", import.meta.url).pathname);

/** The flags of Deno that a command with a database needs. */
function permissions(fleet: TestFleet, file: string): string[] {
  const { hostname, port } = fleet.server.place;
  const net = `--allow-net=${hostname}:${port},127.0.0.1`;
  return commandWith(net, `--allow-read=${file},${WORKER}`, `--allow-write=${file}`);
}

/** Prints outages by `tcp-checker history --json`. */
async function outages(file: string) {
  const { stdout, code } = await run(["history", "--database", file, "--json"], commandWith(`--allow-read=${file}`));
  assertEquals(code, 0);
  return stdout.trim().split("\n").map((line) => JSON.parse(line));
}

natsTest(
  "tcp-checker hub --database continues an outage after a restart, and tcp-checker history prints one outage",
  async () => {
    await using fleet = await TestFleet.start();
    await fleet.apply([TARGET]);
    const file = `${fleet.server.folder}/hub.db`;
    const start = () =>
      new RunningCommand(
        ["hub", "--fleet", fleet.server.url, "--database", file],
        permissions(fleet, file).filter((part) => part !== "--allow-ffi"),
      );
    const first = start();
    const agents = await Promise.all(["a", "b", "c"].map((name) => fleet.agent(name, { lease: 10_000 })));
    await first.stdout.until(/ up {2}192\.0\.2\.1:80 /);
    agents.forEach(({ prober }) => prober.down.add(TARGET));
    await first.stdout.until(/ down {2}192\.0\.2\.1:80 /);
    first.kill("SIGTERM");
    assertEquals((await first.ended()).code, 0);
    const [open] = await outages(file);
    assertEquals([open.id, open.end, open.reason], [TARGET, null, "refused"]);
    agents.forEach(({ prober }) => prober.down.delete(TARGET));
    await eventually(async () => (await fleet.state()).verdict(TARGET).state, (state) => state === "up");
    const second = start();
    // The target came up while no hub was running.
    await second.stdout.until(/ up {2}192\.0\.2\.1:80 /);
    second.kill("SIGTERM");
    assertEquals((await second.ended()).code, 0);
    const [ended, ...others] = await outages(file);
    assertEquals([ended.id, ended.start, others], [TARGET, open.start, []]);
    assertMatch(ended.end, /^\d{4}-/);
  },
);

natsTest("tcp-checker monitor --fleet --database stores the history of the agent's results", async () => {
  await using fleet = await TestFleet.start();
  using port = new OpenPort();
  await fleet.apply([port.target], { witnesses: 1 });
  const file = `${fleet.server.folder}/agent.db`;
  const agent = new RunningCommand(
    ["monitor", "--fleet", fleet.server.url, "--agent", "a", "--zone", "z", "--database", file],
    permissions(fleet, file),
  );
  await agent.stdout.until(/ up /);
  agent.kill("SIGTERM");
  assertEquals((await agent.ended()).code, 0);
  using history = new HistoryFile(file);
  const [{ id, up }, ...others] = history.uptimes({ to: Date.now() + 60_000 });
  assertEquals([id, up > 0, others], [port.target, true, []]);
});
