/** Certificates of servers, by openssl. */

/** A certificate and its key, in PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** Creates a self-signed certificate for an address in a folder. */
export async function makeCertificate(folder: string, address: string): Promise<Certificate> {
  const files = { cert: `${folder}/cert.pem`, key: `${folder}/key.pem` };
  const { success, stderr } = await new Deno.Command("openssl", {
    args: ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"].concat(
      ["-subj", "/CN=nats", "-addext", `subjectAltName=IP:${address}`],
      ["-addext", "basicConstraints=critical,CA:FALSE", "-keyout", files.key, "-out", files.cert],
    ),
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return files;
}
