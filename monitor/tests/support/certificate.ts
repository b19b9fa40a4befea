/** Certificates by openssl. */

/** Creates a certificate, `cert.pem`, and its key, `key.pem`. */
export async function makeCertificate(folder: string, name: string): Promise<void> {
  const { success, stderr } = await new Deno.Command("openssl", {
    args: ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"].concat(
      ["-subj", `/CN=${name}`, "-keyout", `${folder}/key.pem`, "-out", `${folder}/cert.pem`],
    ),
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}
