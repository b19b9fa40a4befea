/** Server-sent events: each event once, resuming, dropped events, slow clients, the limit of clients. */

import { assert, assertEquals } from "@std/assert";
import { Broadcast } from "../../lib/serve/sse/broadcast.ts";
import { closedPort } from "../../../tests/support/listener.ts";
import { MessageStream } from "../support/event_source.ts";
import { ServedAgent } from "../support/served_agent.ts";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

const CONFIGURATION = `
monitor: { interval: 1h }
targets: [{ target: "${closedPort()}", id: a, initial: fully-up }]
`;

function changeState(served: ServedAgent): void {
  served.agent.monitor.setMaintenance("a", true);
  served.agent.monitor.setMaintenance("a", false);
}

async function read(stream: MessageStream, count: number): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < count) ids.push((await stream.next()).id!);
  return ids;
}

Deno.test("a stream has each event once, with consecutive ids", async () => {
  await using served = await ServedAgent.start(CONFIGURATION);
  await using stream = await MessageStream.open(`${served.url}/api/v1/events`);
  const { id } = await stream.next(true);
  const [boot, first] = id!.split("-").map(Number);
  for (let i = 0; i < 50; i++) changeState(served);
  assertEquals(await read(stream, 100), Array.from({ length: 100 }, (_, i) => `${boot}-${first + 1 + i}`));
});

Deno.test("a stream continues after the event that Last-Event-ID or ?after names", async () => {
  await using served = await ServedAgent.start(CONFIGURATION);
  await using stream = await MessageStream.open(`${served.url}/api/v1/events`);
  for (let i = 0; i < 5; i++) changeState(served);
  const ids = await read(stream, 10);
  for (const headers of [{ "Last-Event-ID": ids[3] }, undefined]) {
    const query = headers === undefined ? `?after=${ids[3]}` : "";
    await using resumed = await MessageStream.open(`${served.url}/api/v1/events${query}`, headers);
    assertEquals(await read(resumed, 6), ids.slice(4));
    changeState(served);
    assertEquals((await read(resumed, 2)).length, 2);
  }
});

Deno.test("a client that requests dropped events gets `lost` and the events after them", async () => {
  await using served = await ServedAgent.start(CONFIGURATION);
  changeState(served);
  for (const gone of ["1-1", "99999999999999-1", "x"]) {
    await using stream = await MessageStream.open(`${served.url}/api/v1/events`, { "Last-Event-ID": gone });
    const { data, id } = await stream.next();
    assertEquals(JSON.parse(data).type, "lost", gone);
    changeState(served);
    const [next] = await read(stream, 1);
    assertEquals(Number(next.split("-")[1]), Number(id!.split("-")[1]) + 1);
  }
});

/** A server that answers each request with a stream of one broadcast. */
async function serve(broadcast: Broadcast) {
  const server = createServer((_, response: ServerResponse) => {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    const { body } = broadcast.reply(() => "\n");
    (body as (response: ServerResponse) => void)(response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      broadcast[Symbol.dispose]();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

Deno.test("a slow client loses unread events, gets their number, and delays no other client", async () => {
  const broadcast = new Broadcast(2, (lost) => `data: lost ${lost}\n\n`);
  await using server = await serve(broadcast);
  using slow = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
  await slow.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  await using quick = await MessageStream.open(`http://127.0.0.1:${server.port}/`);
  while (broadcast.size < 2) await new Promise((resolve) => setTimeout(resolve, 1));
  const message = `data: ${"x".repeat(100_000)}\n\n`;
  const SENT = 200;
  for (let i = 0; i < SENT; i++) {
    broadcast.send(message, 1);
    await quick.next();
  }
  // The slow client now reads the kernel's and the queue's content, then the number of lost events.
  let text = "";
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(1 << 20);
  let reading = slow.read(buffer);
  while (!/data: lost \d+/.test(text)) {
    // A pending read is kept, because another read could not get its bytes.
    const { promise: later, resolve } = Promise.withResolvers<0>();
    const timer = setTimeout(resolve, 20, 0);
    const length = await Promise.race([reading, later]);
    clearTimeout(timer);
    if (length === null) throw new Error("The stream has ended");
    if (length > 0) {
      text += decoder.decode(buffer.subarray(0, length));
      reading = slow.read(buffer);
    }
    broadcast.send("data: y\n\n", 1);
  }
  reading.catch(() => {});
  const received = text.match(/data: (?:x+|y)\n\n/g)!.length;
  const [, lost] = text.match(/data: lost (\d+)/)!;
  assert(Number(lost) > 100, lost);
  assert(received >= 10 && received < SENT, String(received));
});

Deno.test("the number of streams is limited", async () => {
  await using server = await serve(new Broadcast(1, () => ""));
  await using _one = await MessageStream.open(`http://127.0.0.1:${server.port}/`);
  const broadcast = new Broadcast(0, () => "");
  let status: number | undefined;
  try {
    broadcast.reply(() => "");
  } catch (error) {
    status = (error as { status?: number }).status;
  }
  assertEquals(status, 503);
});
