/** TLS by file: the server's certificate, and another one after a reload. */

import { assertEquals } from "@std/assert";
import { connect } from "node:tls";
import { ServedAgent } from "../support/served_agent.ts";
import { testWith } from "../../../tests/support/installed.ts";

/** Makes a certificate and its key. */
async function makeCertificate(folder: string, name: string): Promise<void> {
  const { success, stderr } = await new Deno.Command("openssl", {
    args: ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"].concat(
      ["-subj", `/CN=${name}`, "-keyout", `${folder}/key.pem`, "-out", `${folder}/cert.pem`],
    ),
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

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

testWith(["openssl"], "a reload takes over another certificate", async () => {
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
