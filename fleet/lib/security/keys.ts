/** Keys of users: nkeys (Ed25519). A server's configuration contains only public keys. */

import { nkeys } from "@nats-io/nats-core";

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();

/** A key pair, in NATS' text form. */
export interface KeyPair {
  /** The public key: `U` and 55 characters. */
  readonly publicKey: string;
  /** The secret: `SU` and 56 characters. */
  readonly seed: string;
}

/** Creates a random key pair. */
export function createKeys(): KeyPair {
  const pair = nkeys.createUser();
  return { publicKey: pair.getPublicKey(), seed: DECODER.decode(pair.getSeed()) };
}

/**
 * Returns the public key of a seed.
 *
 * @param seed The seed, which may be surrounded by white space.
 * @throws {TypeError} If the seed is invalid. The message does not contain it.
 */
export function publicKeyOf(seed: string): string {
  const text = seed.trim();
  try {
    if (text.startsWith("SU")) return nkeys.fromSeed(ENCODER.encode(text)).getPublicKey();
  } catch {
    // Reported like a wrong prefix.
  }
  throw new TypeError("The seed is invalid: use 58 characters that begin with SU");
}

/** Whether a text is the public key of a user. */
export function isPublicKey(text: string): boolean {
  if (!text.startsWith("U")) return false;
  try {
    nkeys.fromPublic(text);
    return true;
  } catch {
    return false;
  }
}
