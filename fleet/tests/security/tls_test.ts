/** Encrypted connections by the generated configuration. */

import { assertEquals, assertRejects } from "@std/assert";
import { testWith } from "../../../tests/support/installed.ts";
import { connectFleet } from "../../lib/connect.ts";
import { createKeys } from "../../lib/security/keys.ts";
import { natsConfig } from "../../lib/security/nats_config.ts";
import { setUpFleet } from "../../lib/setup.ts";
import { makeCertificate } from "../support/certificate.ts";
import { NatsServer, newPlace, whyNoServer } from "../support/nats_server.ts";

const tlsTest = whyNoServer === undefined
  ? testWith
  : (_: string[], name: string) => Deno.test({ name: `${name} (skipped: ${whyNoServer})`, ignore: true, fn: () => {} });

tlsTest(["openssl"], "connections are encrypted, and the server's certificate is verified", async () => {
  const folder = await Deno.makeTempDir();
  const place = newPlace();
  const tls = await makeCertificate(folder, place.hostname);
  const keys = createKeys();
  await using server = await NatsServer.start({
    place,
    config: ({ hostname, port }, storage) =>
      natsConfig({ agents: [], hubs: [], admin: keys.publicKey, listen: `${hostname}:${port}`, storage, tls }),
  });
  const seed = new TextEncoder().encode(keys.seed);
  const ca = await Deno.readTextFile(tls.cert);
  const admin = await connectFleet({ servers: [server.url], name: "admin", seed, ca });
  assertEquals(admin.info?.tls_required, true);
  await setUpFleet(admin);
  await admin.close();

  // Neither the system's CAs nor another CA signed the certificate.
  const url = server.url.replace("nats://", "tls://");
  await assertRejects(() => connectFleet({ servers: [url], name: "admin", seed }), Error);
  const other = await makeCertificate(await Deno.makeTempDir({ dir: folder }), place.hostname);
  const otherCa = await Deno.readTextFile(other.cert);
  await assertRejects(() => connectFleet({ servers: [url], name: "admin", seed, ca: otherCa }), Error);
  await Deno.remove(folder, { recursive: true });
});
