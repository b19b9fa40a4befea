/** The transport over Deno's TCP: servers that misbehave during the handshake, are slow, freeze or stop. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import type { NatsConnection } from "@nats-io/nats-core";
import { connectFleet } from "../../lib/connect.ts";
import { NatsServer, natsTest } from "../support/nats_server.ts";
import { reconnected } from "../support/reconnected.ts";

/** Listens on loopback, and calls a function for each connection. */
function listen(serve: (connection: Deno.TcpConn) => Promise<void>): { url: string } & Disposable {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  (async () => {
    for await (const connection of listener) void serve(connection).catch(() => {});
  })();
  return { url: `nats://127.0.0.1:${listener.addr.port}`, [Symbol.dispose]: () => listener.close() };
}

async function send(connection: Deno.TcpConn, text: string): Promise<void> {
  await connection.write(new TextEncoder().encode(text));
}

const INFO = `INFO {"server_id":"x","version":"2.15.3","proto":1,"headers":true,"max_payload":1048576}\r\n`;

const FAULTS: Record<string, (connection: Deno.TcpConn) => Promise<void>> = {
  "closes at once": (connection) => Promise.resolve(connection.close()),
  "closes in the middle of its first line": async (connection) => {
    await send(connection, INFO.slice(0, 20));
    connection.close();
  },
  "closes after its first line": async (connection) => {
    await send(connection, INFO);
    connection.close();
  },
  "resets the connection once the client has spoken": async (connection) => {
    await send(connection, INFO);
    await connection.read(new Uint8Array(1));
    // Closing with unread data sends a RST.
    connection.close();
  },
  "speaks HTTP": async (connection) => {
    await send(connection, "HTTP/1.1 400 Bad Request\r\n\r\n");
  },
  "sends a first line without an end": async (connection) => {
    const chunk = "INFO " + "x".repeat(65_536);
    for (let i = 0; i < 32; i++) await send(connection, chunk);
  },
  "sends a first line that is not JSON": async (connection) => {
    await send(connection, "INFO {\r\n");
  },
};

for (const [name, serve] of Object.entries(FAULTS)) {
  Deno.test({
    name: `a server that ${name} is an error of the first attempt, not an uncaught error`,
    // The client's timer of the attempt ends later.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      const connections: Deno.TcpConn[] = [];
      using server = listen(async (connection) => {
        connections.push(connection);
        await serve(connection);
      });
      await assertRejects(() => connectFleet({ servers: [server.url], name: "test" }), Error);
      assert(connections.length > 0);
      for (const connection of connections) {
        try {
          connection.close();
        } catch {
          // Already closed.
        }
      }
    },
  });
}

/** Resolves when the client notices that the connection is lost. */
async function lost(connection: NatsConnection): Promise<void> {
  for await (const { type } of connection.status()) if (type === "disconnect") return;
}

natsTest("a frozen server is detected by pings, and reconnected when it resumes", async () => {
  await using server = await NatsServer.start();
  const connection = await connectFleet({ servers: [server.url], name: "test" });
  const [isLost, isBack] = [lost(connection), reconnected(connection)];
  server.signal("SIGSTOP");
  // Writes to a stopped server stay in buffers, and block nothing.
  for (let i = 0; i < 100; i++) connection.publish("x", new Uint8Array(100_000));
  await isLost;
  server.signal("SIGCONT");
  await isBack;
  await connection.flush();
  await connection.close();
});

natsTest("large messages arrive whole in both directions, also in many writes", async () => {
  await using server = await NatsServer.start();
  const connection = await connectFleet({ servers: [server.url], name: "test" });
  const payload = crypto.getRandomValues(new Uint8Array(60_000));
  const large = new Uint8Array(900_000).map((_, i) => payload[i % payload.length]);
  const received: Uint8Array[] = [];
  const subscription = connection.subscribe("large", { max: 20 });
  for (let i = 0; i < 20; i++) connection.publish("large", large.subarray(i));
  for await (const { data } of subscription) received.push(data);
  received.forEach((data, i) =>
    assertEquals(data.length === large.length - i && data.every((byte, j) => byte === large[i + j]), true)
  );
  await connection.close();
});

natsTest("messages published before close() are sent", async () => {
  await using server = await NatsServer.start();
  const [sender, receiver] = await Promise.all(
    ["sender", "receiver"].map((name) => connectFleet({ servers: [server.url], name })),
  );
  const subscription = receiver.subscribe("x", { max: 1 });
  await receiver.flush();
  sender.publish("x", "last message");
  await sender.drain();
  for await (const message of subscription) assertEquals(message.string(), "last message");
  await receiver.close();
});

natsTest("URLs of mixed or unknown kinds are errors with a remedy", async () => {
  const connect = (...servers: string[]) => connectFleet({ servers, name: "test" });
  await assertRejects(() => connect("nats://a", "ws://b"), TypeError, "can't be mixed");
  await assertRejects(() => connect("http://a"), TypeError, "use nats://HOST:PORT");
  await assertRejects(() => connectFleet({ servers: ["wss://a"], name: "test", ca: "x" }), TypeError, "--cert");
  await assertRejects(() => connect("nats://127.0.0.1:1"), Error, "refused");
});
