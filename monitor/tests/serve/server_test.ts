/** The HTTP server: routes, tokens, Host, cross-site requests, limits. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { closedPort } from "../../../tests/support/listener.ts";
import { ServedAgent } from "../support/served_agent.ts";

const TARGET = closedPort();
const CONFIGURATION = `
monitor: { interval: 50ms }
targets: [{ target: "${TARGET}", id: "a/b" }]
serve: { read_token: reader, write_token: writer, hosts: [monitor.example, Upper.Example] }
`;
const READER = { Authorization: "Bearer reader" };
const WRITER = { Authorization: "Bearer writer" };

Deno.test("each page has its status, and answers HEAD without a body", async () => {
  await using served = await ServedAgent.start(CONFIGURATION);
  for (const path of ["/", "/metrics", "/-/healthy", "/-/ready"]) {
    const { status, text, headers } = await served.ask(path, { headers: READER });
    assertEquals([status, text === ""], [200, false], path);
    assertStringIncludes(headers.get("Content-Security-Policy")!, "default-src 'none'");
    const head = await served.ask(path, { method: "HEAD", headers: READER });
    assertEquals([head.status, head.text], [200, ""], path);
  }
  assertEquals((await served.ask("/nothing", { headers: READER })).status, 404);
  const wrong = await served.ask("/metrics", { method: "POST", headers: WRITER });
  assertEquals([wrong.status, wrong.headers.get("Allow")], [405, "GET"]);
});

Deno.test("reading needs the read token, changes need the write token, health needs no token", async () => {
  await using served = await ServedAgent.start(CONFIGURATION);
  const statuses = async (path: string, method: string) =>
    await Promise.all(
      [{}, { Authorization: "Bearer x" }, READER, WRITER].map(async (headers) =>
        (await served.ask(path, { method, headers })).status
      ),
    );
  assertEquals(await statuses("/metrics", "GET"), [401, 401, 200, 200]);
  // A browser sends the token as a password, which permits only reading.
  for (
    const [password, path, method, status] of [
      ["reader", "/", "GET", 200],
      ["writer", "/live", "HEAD", 200],
      ["x", "/", "GET", 401],
      ["writer", "/-/reload", "POST", 401],
    ]
  ) {
    const headers = { Authorization: `Basic ${btoa(`any:${password}`)}` };
    assertEquals((await served.ask(String(path), { method: String(method), headers })).status, status);
  }
  assertEquals(await statuses("/-/healthy", "GET"), [200, 200, 200, 200]);
  assertEquals(await statuses("/-/reload", "POST"), [401, 401, 401, 200]);
  const { headers } = await served.ask("/metrics");
  assertMatch(headers.get("WWW-Authenticate")!, /^Basic .*, Bearer /);
});

Deno.test("requests that change state are rejected without a write token in the configuration", async () => {
  await using served = await ServedAgent.start("targets: []");
  assertEquals((await served.ask("/metrics")).status, 200);
  const { status, text } = await served.ask("/-/reload", { method: "POST", headers: WRITER });
  assertEquals([status, text], [403, "Requests that change state are off: set serve.write_token_file\n"]);
});

Deno.test("the header Host must be an address, localhost, or a configured name", async () => {
  await using served = await ServedAgent.start(CONFIGURATION);
  for (
    const [Host, status] of Object.entries({
      "127.0.0.1:9116": 200,
      "[::1]:9116": 200,
      "localhost": 200,
      "LOCALHOST:80": 200,
      "monitor.example:9116": 200,
      "upper.example": 200,
      "evil.example": 421,
      "127.0.0.1.evil.example": 421,
      "localhost@evil.example": 421,
      "[evil.example]": 421,
    })
  ) {
    assertEquals((await served.ask("/-/healthy", { headers: { Host } })).status, status, Host);
  }
});

Deno.test("a load balancer's HTTP/1.0 request without Host can read only the health", async () => {
  await using served = await ServedAgent.start("targets: []");
  for (const [path, status] of [["/-/healthy", 200], ["/-/ready", 200], ["/metrics", 421]] as const) {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: served.agent.address!.port });
    await connection.write(new TextEncoder().encode(`GET ${path} HTTP/1.0\r\n\r\n`));
    assertMatch(new TextDecoder().decode(await readAll(connection)), new RegExp(`^HTTP/1\\.[01] ${status} `), path);
  }
});

Deno.test("a request with two headers Host is rejected", async () => {
  await using served = await ServedAgent.start("targets: []");
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: served.agent.address!.port });
  const hosts = "Host: localhost\r\nHost: evil.example\r\n";
  await connection.write(new TextEncoder().encode(`GET /-/healthy HTTP/1.1\r\n${hosts}Connection: close\r\n\r\n`));
  assertMatch(
    new TextDecoder().decode(await readAll(connection)),
    /^HTTP\/1\.1 400 [^]*The header Host is given twice/,
  );
});

Deno.test("an unknown parameter is an error that names it", async () => {
  await using served = await ServedAgent.start(`${CONFIGURATION}probe: { allow: [127.0.0.0/8] }`);
  for (
    const [method, path] of [
      ["GET", "/metrics"],
      ["GET", "/probe"],
      ["GET", "/"],
      ["GET", "/live"],
      ["GET", "/targets/a%2Fb"],
      ["GET", "/api/v1/summary"],
      ["GET", "/api/v1/targets"],
      ["GET", "/api/v1/targets/a%2Fb"],
      ["GET", "/api/v1/targets/a%2Fb/series"],
      ["GET", "/api/v1/uptime"],
      ["GET", "/api/v1/events"],
      ["POST", "/-/reload"],
      ["POST", "/api/v1/targets/a%2Fb/report"],
      ["POST", "/api/v1/targets/a%2Fb/maintenance"],
    ]
  ) {
    const { status, text } = await served.ask(`${path}?gruop=a`, {
      method,
      headers: method === "GET" ? READER : WRITER,
    });
    assertEquals([status, text.split(":")[0]], [400, 'Unknown parameter "gruop"'], path);
  }
  const twice = await served.ask("/metrics?group=a&group=b", { headers: READER });
  assertEquals([twice.status, twice.text], [400, "group is given 2 times: give it once\n"]);
});

Deno.test("cross-site requests can't change state, even with the token", async () => {
  await using served = await ServedAgent.start(CONFIGURATION);
  const { host } = new URL(served.url);
  for (
    const [headers, status] of [
      [{ "Sec-Fetch-Site": "cross-site" }, 403],
      [{ "Sec-Fetch-Site": "same-site" }, 403],
      [{ Origin: "http://evil.example" }, 403],
      [{ Origin: "null" }, 403],
      [{ "Sec-Fetch-Site": "same-origin", Origin: `http://${host}` }, 200],
    ] as const
  ) {
    assertEquals(
      (await served.ask("/-/reload", { method: "POST", headers: { ...WRITER, ...headers } })).status,
      status,
    );
  }
});

Deno.test("a reload of an invalid file is an error with the reason", async () => {
  await using served = await ServedAgent.start(CONFIGURATION);
  served.file.write(CONFIGURATION.replace("interval", "intervall"));
  const { status, text } = await served.ask("/-/reload", { method: "POST", headers: WRITER });
  assertEquals(status, 400);
  assertStringIncludes(text, 'Unknown key "intervall": did you mean "interval"?');
  assertMatch(
    (await served.ask("/metrics", { headers: READER })).text,
    /^tcp_checker_config_last_reload_successful 0$/m,
  );
});

Deno.test("reports and maintenance change the target", async () => {
  await using served = await ServedAgent.start(CONFIGURATION);
  const post = (path: string, body: unknown) =>
    served.ask(path, { method: "POST", headers: WRITER, body: typeof body === "string" ? body : JSON.stringify(body) });
  const path = "/api/v1/targets/a%2Fb";
  assertEquals((await post(`${path}/report`, { ok: false })).status, 204);
  assertEquals(served.agent.monitor.get("a/b")!.reports, 1);
  const until = "2100-01-01T00:00:00.000Z";
  assertEquals((await post(`${path}/maintenance`, { on: true, until, reason: "update" })).status, 204);
  assertEquals(served.agent.monitor.get("a/b")!.maintenance, { until: Date.parse(until), reason: "update" });
  assertEquals((await post(`${path}/maintenance`, { on: false })).status, 204);
  assertEquals(served.agent.monitor.get("a/b")!.maintenance, undefined);
  for (
    const [target, body, status] of [
      ["/api/v1/targets/x", { ok: true }, 404],
      ["/api/v1/targets/%ff", { ok: true }, 400],
      [path, { ok: 1 }, 400],
      [path, { okay: true }, 400],
      [path, "[]", 400],
      [path, "{", 400],
      [path, `{"ok": "${"x".repeat(70_000)}"}`, 413],
    ] as const
  ) {
    assertEquals((await post(`${target}/report`, body)).status, status, String(target));
  }
});

Deno.test("a client that sends nothing, or slowly, is disconnected", async () => {
  await using served = await ServedAgent.start("targets: []");
  await Promise.all(["", "GET /-/healthy HTTP/1.1\r\nHost: localhost\r\nX: "].map(async (sent) => {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: served.agent.address!.port });
    await connection.write(new TextEncoder().encode(sent));
    assertMatch(new TextDecoder().decode(await readAll(connection)), /^(?:HTTP\/1\.1 408 |$)/);
  }));
});

Deno.test("idle connections do not lock out other clients", async () => {
  await using served = await ServedAgent.start("targets: []");
  const { port } = served.agent.address!;
  const idle = await Promise.all(Array.from({ length: 1030 }, () => Deno.connect({ hostname: "127.0.0.1", port })));
  try {
    assertEquals((await served.ask("/-/healthy")).status, 200);
  } finally {
    for (const connection of idle) connection.close();
  }
});

async function readAll(connection: Deno.Conn): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const buffer = new Uint8Array(1024);
  try {
    for (let length; (length = await connection.read(buffer)) !== null;) chunks.push(buffer.slice(0, length));
  } catch {
    // A reset also ends the connection.
  }
  return new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer());
}
