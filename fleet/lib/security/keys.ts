/** Keys of users: nkeys (Ed25519). A server's configuration has public keys alone. */

import { nkeys } from "@nats-io/nats-core";

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();

/** A pair of keys, in NATS' text form. */
export interface KeyPair {
  /** The public key: `U` and 55 characters. */
  readonly publicKey: string;
  /** The secret: `SU` and 56 characters. */
  readonly seed: string;
}

/** Creates a pair of keys at random. */
export function createKeys(): KeyPair {
  const pair = nkeys.createUser();
  return { publicKey: pair.getPublicKey(), seed: DECODER.decode(pair.getSeed()) };
}

/**
 * Returns the public key of a seed.
 *
 * @param seed The seed, with white space around it.
 * @throws {TypeError} If it is none. The message does not contain it.
 */
export function publicKeyOf(seed: string): string {
  const text = seed.trim();
  try {
    if (text.startsWith("SU")) return nkeys.fromSeed(ENCODER.encode(text)).getPublicKey();
  } catch {
    // The same as a wrong prefix.
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
