/** Key files of users: `USER.nk` contains the seed, `USER.pub` the public key. */

import { createKeys, isPublicKey, publicKeyOf } from "@tcp-shaker/fleet/admin";
import { printError } from "../output.ts";
import { UsageError } from "../usage_error.ts";

/** Only the owner may read a seed. */
const SECRET_MODE = 0o600;

/**
 * Returns the public key of a user, from either file. Creates a key pair if there is none.
 *
 * @param folder The folder of the files.
 * @param user The user.
 * @returns The public key.
 * @throws {UsageError} If a file does not contain a key, or the two files don't match.
 */
export async function keyOf(folder: string, user: string): Promise<string> {
  const [path, seedPath] = [`${folder}/${user}.pub`, `${folder}/${user}.nk`];
  const [known, seed] = [await readIfThere(path), await readIfThere(seedPath)];
  if (known !== undefined && !isPublicKey(known)) {
    throw new UsageError(`${path} does not contain a public key: delete it to have it rewritten`);
  }
  const own = seed === undefined ? undefined : publicKeyIn(seedPath, seed);
  if (known !== undefined && own !== undefined && known !== own) {
    throw new UsageError(`${path} does not match ${seedPath}: delete the file that is out of date`);
  }
  if (known !== undefined) return known;
  const publicKey = own ?? await makeKey(user, seedPath);
  await Deno.writeTextFile(path, `${publicKey}\n`);
  return publicKey;
}

function publicKeyIn(path: string, seed: string): string {
  try {
    return publicKeyOf(seed);
  } catch (error) {
    throw new UsageError(`${path}: ${(error as Error).message}`);
  }
}

async function makeKey(user: string, path: string): Promise<string> {
  const { publicKey, seed } = createKeys();
  await Deno.writeTextFile(path, `${seed}\n`, { mode: SECRET_MODE, createNew: true });
  printError(`tcp-checker: wrote ${path}, the key of ${user}`);
  return publicKey;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return (await Deno.readTextFile(path)).trim();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
