/**
 * Validation of a certificate and its key, because node:https accepts any pair, and with an invalid one resets every
 * connection.
 */

import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import type { TlsConfiguration } from "./configuration.ts";

/**
 * Finds what is wrong with a certificate and its key.
 *
 * @param tls Both, in PEM.
 * @returns The key of the configuration and the problem; `undefined` if all is well.
 */
export function tlsProblem({ cert, key }: TlsConfiguration): { key: "cert" | "key"; message: string } | undefined {
  if (cert === undefined || key === undefined) return undefined; // The schema, or the reader of files, reports it.
  const certificate = parsed(() => new X509Certificate(cert.reveal()));
  if (certificate === undefined) return { key: "cert", message: "must be a certificate in PEM" };
  const privateKey = parsed<KeyObject>(() => createPrivateKey(key.reveal()));
  if (privateKey === undefined) return { key: "key", message: "must be a private key in PEM, without a passphrase" };
  if (certificate.checkPrivateKey(privateKey)) return undefined;
  return { key: "key", message: "must be the key of the certificate: it belongs to another one" };
}

function parsed<Value>(parse: () => Value): Value | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
