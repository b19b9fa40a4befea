/** http_sd in an agent, with a server on loopback. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { closedPort } from "../../../tests/support/listener.ts";
import { AgentFile } from "../support/agent_file.ts";

const JSON_TYPE = { "Content-Type": "application/json" };

/** A server whose answer a test sets. */
class Inventory implements AsyncDisposable {
  answer: () => Response = () => new Response("[]", { headers: JSON_TYPE });
  requests: Headers[] = [];
  readonly #server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    this.requests.push(new Headers(request.headers));
    return this.answer();
  });
  readonly host = `127.0.0.1:${this.#server.addr.port}`;

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

Deno.test("an agent polls http_sd, and keeps the targets after errors", async () => {
  await using inventory = new Inventory();
  const targets = (...targets: string[]) => () => Response.json([{ targets }]);
  inventory.answer = targets("127.0.0.1:1");
  await using file = new AgentFile(
    `http_sd_configs: [{ url: "http://user:s3cret@${inventory.host}/targets", refresh_interval: 100ms }]`,
  );
  await using agent = await file.start();
  const ids = () => [...agent.monitor.states()].map(({ id }) => id);
  assertEquals(ids(), ["127.0.0.1:1"]);
  const [headers] = inventory.requests;
  assertEquals(headers.get("X-Prometheus-Refresh-Interval-Seconds"), "0.1");
  assertEquals(headers.get("Authorization"), `Basic ${btoa("user:s3cret")}`);
  inventory.answer = targets("127.0.0.1:2");
  await file.until(() => ids().join() === "127.0.0.1:2");
  for (
    const [answer, problem] of [
      [() => new Response("no", { status: 503 }), "The HTTP status is 503: it must be 200"],
      [() => new Response("[]"), "application/json"],
      [() => new Response("[{", { headers: JSON_TYPE }), "Invalid JSON"],
      [targets("127.0.0.1"), "127.0.0.1"],
    ] as const
  ) {
    const before = file.messages.length;
    inventory.answer = answer;
    await file.until(() => file.messages.length > before);
    assertStringIncludes(agent.lists()[0].problem!, problem);
    assertEquals(ids(), ["127.0.0.1:2"]);
  }
  inventory.answer = targets();
  await file.until(() => ids().length === 0);
  assertEquals(agent.lists()[0].problem, undefined);
});

Deno.test("problems of http_sd don't show the URL", async () => {
  const url = `http://user:s3cret@${closedPort()}/s3cret`;
  await using file = new AgentFile(`http_sd_configs: [{ url: "${url}", refresh_interval: 1h }]`);
  await using agent = await file.start();
  const { configuration } = agent;
  const shown = JSON.stringify([agent.lists(), file.messages, configuration]) + Deno.inspect(configuration);
  assertStringIncludes(agent.lists()[0].problem!, "Connection refused");
  assertEquals(shown.includes("s3cret"), false);
});
