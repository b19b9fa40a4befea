/** Validation of a certificate and its key, because with an invalid pair node:https resets every connection. */

import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import type { TlsConfiguration } from "./configuration.ts";

/**
 * Validates a certificate and its key.
 *
 * @param tls Both, in PEM.
 * @returns The key of the configuration and the problem; `undefined` if the pair is valid.
 */
export function tlsProblem({ cert, key }: TlsConfiguration): { key: "cert" | "key"; message: string } | undefined {
  if (cert === undefined || key === undefined) return undefined; // The schema, or the reader of files, reports it.
  const certificate = parsed(() => new X509Certificate(cert.reveal()));
  if (certificate === undefined) return { key: "cert", message: "must be a certificate in PEM" };
  const privateKey = parsed<KeyObject>(() => createPrivateKey(key.reveal()));
  if (privateKey === undefined) return { key: "key", message: "must be a private key in PEM, without a passphrase" };
  if (certificate.checkPrivateKey(privateKey)) return undefined;
  return { key: "key", message: "must be the key of the certificate: it belongs to another certificate" };
}

function parsed<Value>(parse: () => Value): Value | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
