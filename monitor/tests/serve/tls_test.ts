/** TLS with certificate files: the server's certificate, and a new one after a reload. */

import { assertEquals } from "@std/assert";
import { connect } from "node:tls";
import { makeCertificate } from "../support/certificate.ts";
import { ServedAgent } from "../support/served_agent.ts";
import { testWith } from "../../../tests/support/installed.ts";

/** The name in the certificate that the server shows. */
function nameOf(port: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false }, () => {
    resolve(String(socket.getPeerCertificate().subject.CN));
    socket.destroy();
  });
  socket.on("error", reject);
  return promise;
}

testWith(["openssl"], "a reload applies another certificate", async () => {
  const folder = await Deno.makeTempDir();
  await makeCertificate(folder, "first");
  await using served = await ServedAgent.start(
    `serve: { tls: { cert_file: "${folder}/cert.pem", key_file: "${folder}/key.pem" } }`,
  );
  const { port } = served.agent.address!;
  assertEquals(await nameOf(port), "first");
  await makeCertificate(folder, "second");
  assertEquals((await served.agent.reload()).isSuccessful, true);
  assertEquals(await nameOf(port), "second");
  await Deno.remove(folder, { recursive: true });
});

testWith(["openssl"], "a reload of an invalid certificate, or from HTTPS to HTTP, changes nothing", async () => {
  const folder = await Deno.makeTempDir();
  await makeCertificate(folder, "first");
  const tls = `serve: { tls: { cert_file: "${folder}/cert.pem", key_file: "${folder}/key.pem" } }`;
  await using served = await ServedAgent.start(tls);
  const { port } = served.agent.address!;
  const problemsOfReload = async () => {
    const { isSuccessful, problems } = await served.agent.reload();
    assertEquals([isSuccessful, await nameOf(port)], [false, "first"]);
    return problems.map(({ message }) => message);
  };
  await Deno.writeTextFile(`${folder}/cert.pem`, "half a certificate");
  assertEquals(await problemsOfReload(), ["serve.tls.cert_file must be a certificate in PEM"]);
  served.file.write("targets: []");
  assertEquals(await problemsOfReload(), ["serve.tls can't change while the process runs: restart the process"]);
  await Deno.remove(folder, { recursive: true });
});

testWith(["openssl"], "clients that begin no handshake are disconnected, and lock out no other client", async () => {
  const folder = await Deno.makeTempDir();
  await makeCertificate(folder, "first");
  const tls = `serve: { tls: { cert_file: "${folder}/cert.pem", key_file: "${folder}/key.pem" } }`;
  await using served = await ServedAgent.start(tls);
  const { port } = served.agent.address!;
  const connect = () => Deno.connect({ hostname: "127.0.0.1", port });
  // More than the limit of connections; other clients are still served.
  const idle = await Promise.all(Array.from({ length: 1030 }, connect));
  assertEquals(await nameOf(port), "first");
  idle.forEach((connection) => connection.close());
  using connection = await connect();
  // The end of the connection, which may be a reset.
  assertEquals(await connection.read(new Uint8Array(1)).catch(() => null), null);
  await Deno.remove(folder, { recursive: true });
});
