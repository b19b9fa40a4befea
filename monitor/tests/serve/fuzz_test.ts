/** Random bytes for the HTTP server: it stays up, never answers with 500, and the checks continue. */

import { assert, assertEquals } from "@std/assert";
import { OpenPort } from "../../../tests/support/listener.ts";
import { Random } from "../support/random.ts";
import { ServedAgent } from "../support/served_agent.ts";

const REQUESTS = 10_000;
const AT_ONCE = 50;

const METHODS = ["GET", "POST", "HEAD", "PUT", "get", "", "\0", "GET GET"];
const PATHS = [
  "/",
  "/metrics",
  "/probe?module=tcp_connect&target=",
  "/probe?module=tcp_connect&target=127.0.0.1:0",
  "/probe?target=%00&module=%ff",
  "/api/v1/targets/%E0%A4/report",
  "/api/v1/targets//maintenance",
  "/-/reload",
  "//evil.example/",
  "http://evil.example/metrics",
  "/../../etc/passwd",
  "*",
  "",
];
const HEADERS = [
  "Host: localhost",
  "Host: ",
  "Host: a\r\nHost: b",
  "Content-Length: -1",
  "Content-Length: 5",
  "Content-Length: 99999999999",
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: chunked\r\nContent-Length: 3",
  "Authorization: Bearer writer",
  "Accept-Encoding: gzip;q=x,,*",
  "X-Prometheus-Scrape-Timeout-Seconds: 1e999",
  "Expect: 100-continue",
  "Connection: upgrade\r\nUpgrade: websocket",
  "X: \u00ff",
  ": empty",
];
const BODIES = ["", "{}", "[]", '{"ok":1}', "5\r\nhello\r\n0\r\n\r\n", "ffffffffff\r\n", "\0".repeat(100)];

/** A request of random parts, sometimes with changed bytes. */
function rubbish(random: Random): Uint8Array<ArrayBuffer> {
  const headers = Array.from({ length: Math.floor(random.share() * 5) }, () => random.pick(HEADERS));
  const head = `${random.pick(METHODS)} ${random.pick(PATHS)} HTTP/1.${random.pick(["0", "1", "9"])}`;
  const bytes = new TextEncoder().encode([head, ...headers, "", random.pick(BODIES)].join("\r\n"));
  if (random.share() < 0.3) bytes[Math.floor(random.share() * bytes.length)] = Math.floor(random.share() * 256);
  return bytes;
}

/** Sends bytes, and reads the answer until it pauses or ends. */
async function send(port: number, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  try {
    await connection.write(bytes);
    await connection.closeWrite();
    const answer = new Uint8Array(4096);
    const length = await connection.read(answer);
    return new TextDecoder().decode(answer.subarray(0, length ?? 0));
  } catch {
    // The server may reset the connection.
    return "";
  } finally {
    connection.close();
  }
}

Deno.test(`${REQUESTS} malformed requests stop neither the server nor the checks`, async () => {
  using open = new OpenPort();
  await using served = await ServedAgent.start(`
monitor: { interval: 50ms }
targets: ["${open.target}"]
probe: { allow: [127.0.0.0/8] }
serve: { write_token: writer }
`);
  const { port } = served.agent.address!;
  const random = new Random(21);
  let left = REQUESTS;
  let answered = 0;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (left-- > 0) {
      const answer = await send(port, rubbish(random));
      if (answer !== "") answered++;
      assertEquals(/^HTTP\/1\.1 500 (?!.*timeout from)/s.test(answer), false, answer);
    }
  }));
  // Most requests are answered, at least with 400.
  assert(answered > REQUESTS / 2, String(answered));
  assertEquals((await served.ask("/-/healthy")).status, 200);
  const { checks, state } = served.agent.monitor.get(open.target)!;
  assertEquals(state, "up");
  assert(checks > 1);
  assertEquals(served.file.messages, []);
});
