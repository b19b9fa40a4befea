/** Agent checks: the answers to HAProxy's requests, and HAProxy's states. */

import { assertEquals } from "@std/assert";
import { AgentCheckServer } from "../../lib/sinks/agent_check.ts";
import { Daemon, eventually, freePort } from "../support/daemon.ts";
import { StateTable } from "../support/state_table.ts";
import { testWith } from "../../../tests/support/installed.ts";

function someStates(): StateTable {
  const states = new StateTable(Date.now);
  states.set("up", { state: "up" });
  states.set("down", { state: "down", result: { status: "refused" } as never });
  states.set("reported", { state: "down" });
  states.set("flapping", { state: "up", flapping: true });
  states.set("maintenance", { state: "maintenance" });
  states.set("unknown", { state: "unknown" });
  return states;
}

/** Connects, and reads the whole answer. */
async function ask(server: AgentCheckServer, question: string, closes = false): Promise<string> {
  using connection = await Deno.connect(server.address);
  await connection.write(new TextEncoder().encode(question));
  if (closes) await connection.closeWrite();
  const answer = new Uint8Array(100);
  const length = await connection.read(answer) ?? 0;
  return new TextDecoder().decode(answer.subarray(0, length));
}

const ANSWERS = {
  up: "ready up\n",
  down: "ready down #refused\n",
  reported: "ready down #down\n",
  flapping: "ready down #flapping\n",
  maintenance: "maint\n",
  unknown: "",
  missing: "",
};

Deno.test("each state has its answer, and an unknown id or state has none", async () => {
  await using server = await AgentCheckServer.start(someStates());
  for (const [id, answer] of Object.entries(ANSWERS)) assertEquals(await ask(server, `${id}\n`), answer, id);
  assertEquals(server.statistics(), { delivered: 5, failed: 0, dropped: 2, waiting: 0 });
});

Deno.test("a question ends with a newline, the connection's end, a silence, or 256 bytes", async () => {
  const states = someStates();
  await using server = await AgentCheckServer.start(states);
  assertEquals(await ask(server, "up\r\nrubbish"), "ready up\n");
  assertEquals(await ask(server, "up", true), "ready up\n");
  assertEquals(await ask(server, "up"), "ready up\n");
  assertEquals(await ask(server, "u".repeat(1000)), "");
});

Deno.test("idle connections lock out no other client", async () => {
  await using server = await AgentCheckServer.start(someStates());
  const idle = await Promise.all(Array.from({ length: 1030 }, () => Deno.connect(server.address)));
  try {
    assertEquals(await ask(server, "up\n"), "ready up\n");
  } finally {
    for (const connection of idle) connection.close();
  }
});

testWith(["haproxy"], "HAProxy sets servers up and down by the monitor's verdict", async () => {
  const states = someStates();
  await using agent = await AgentCheckServer.start(states);
  const folder = await Deno.makeTempDir();
  const ids = Object.keys(ANSWERS);
  const port = freePort();
  await Deno.writeTextFile(
    `${folder}/haproxy.cfg`,
    `global
  stats socket ${folder}/socket
defaults
  mode tcp
  timeout connect 1s
  timeout client 1s
  timeout server 1s
frontend unused
  bind 127.0.0.1:${port}
backend checked
${
      ids.map((id) =>
        `  server ${id} 127.0.0.1:${port} agent-check agent-addr 127.0.0.1 agent-port ${agent.address.port} agent-inter 100ms agent-send "${id}\\n"`
      ).join("\n")
    }
`,
  );
  const haproxy = new Daemon("haproxy", ["-db", "-f", `${folder}/haproxy.cfg`]);
  try {
    await haproxy.listens(port);
    const servers = () => serverStates(`${folder}/socket`);
    await eventually(servers, (now) => now.down === "DOWN (agent)" && now.maintenance.startsWith("MAINT"));
    const now = await eventually(servers, (now) => now.flapping === "DOWN (agent)");
    for (const id of ["up", "unknown", "missing"]) assertEquals(now[id], UP, id);
    states.set("up", { state: "down" });
    states.set("down", { state: "up" });
    states.set("maintenance", { state: "up" });
    await eventually(servers, (now) => now.up === "DOWN (agent)" && now.down === UP && now.maintenance === UP);
  } finally {
    await haproxy.kill();
    await Deno.remove(folder, { recursive: true });
  }
});

/** HAProxy's state of a server that it does not check itself. */
const UP = "no check";

/** The states of HAProxy's servers, by name. */
async function serverStates(socket: string): Promise<Record<string, string>> {
  // Reading to the end closes the file.
  const connection = await Deno.connect({ transport: "unix", path: socket });
  await connection.write(new TextEncoder().encode("show stat\n"));
  const [head, ...rows] = (await new Response(connection.readable).text()).trim().split("\n").map((row) =>
    row.split(",")
  );
  const [name, status] = [head.indexOf("svname"), head.indexOf("status")];
  return Object.fromEntries(rows.map((row) => [row[name], row[status]]));
}
