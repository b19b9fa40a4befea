/** The HTTP server over states that other programs report. */

import { assertEquals, assertMatch } from "@std/assert";
import type { AgentView } from "../../lib/agent/mod.ts";
import { Secret } from "../../lib/config/values/secret.ts";
import { startServer } from "../../lib/serve/mod.ts";
import { StateTable } from "../support/state_table.ts";

function viewOf(states: StateTable): AgentView {
  const reloadStatus = { isSuccessful: true, succeededAt: 0, problems: [] };
  return {
    monitor: { get: (id) => states.get(id), states: () => states.states(), events: () => noEvents() },
    configuration: {
      monitor: {},
      targets: [],
      groups: {},
      lists: [],
      serve: { listen: "127.0.0.1:0", writeToken: new Secret("token") },
      sinks: [],
    },
    reloadStatus,
    lists: () => [],
    sinks: () => [],
    metrics: () => ["# TYPE tcp_checker_witnesses gauge\ntcp_checker_witnesses 3\n"],
    reload: () => Promise.resolve(reloadStatus),
  };
}

async function* noEvents(): AsyncGenerator<never> {}

Deno.test("a view without checks has its own metrics and those of targets, but no metrics of checks", async () => {
  const states = new StateTable(Date.now);
  states.transition("db", "down");
  await using server = await startServer(viewOf(states));
  const url = `http://127.0.0.1:${server.address.port}`;
  const metrics = await (await fetch(`${url}/metrics`)).text();
  assertMatch(metrics, /^tcp_checker_up\{id="db",group=""\} 0$/m);
  assertMatch(metrics, /^tcp_checker_witnesses 3$/m);
  assertEquals(/schedule_lateness|skipped_checks/.test(metrics), false);
});

Deno.test("a view without checks rejects reports and maintenance", async () => {
  await using server = await startServer(viewOf(new StateTable(Date.now)));
  for (const [path, body] of [["report", { ok: false }], ["maintenance", { on: true }]] as const) {
    const response = await fetch(`http://127.0.0.1:${server.address.port}/api/v1/targets/db/${path}`, {
      method: "POST",
      headers: { Authorization: "Bearer token" },
      body: JSON.stringify(body),
    });
    assertEquals([response.status, await response.text()], [
      404,
      "Other programs make the checks: send the request to one of them\n",
    ]);
  }
});
