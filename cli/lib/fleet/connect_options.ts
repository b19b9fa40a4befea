/** Options of a connection to the fleet's servers. */

import { type ConnectOptions, publicKeyOf } from "@tcp-shaker/fleet/admin";
import { quote } from "@tcp-shaker/tcp-shaker/quote";
import { UsageError } from "../usage_error.ts";
import type { FleetConnection } from "../command_line/fleet_command.ts";

/**
 * Reads the files that a connection needs.
 *
 * @param connection The servers, and the files' paths.
 * @param name The name of the agent, the hub or the command.
 * @returns The options.
 * @throws {UsageError} If a file can't be read, or does not contain a seed.
 */
export async function connectOptions(
  { servers, seedFile, ca }: FleetConnection,
  name: string,
): Promise<ConnectOptions> {
  return {
    servers,
    name,
    ...seedFile !== undefined && { seed: new TextEncoder().encode(await readSeed(seedFile)) },
    ...ca !== undefined && { ca: await readFile("--ca", ca) },
  };
}

async function readSeed(path: string): Promise<string> {
  const seed = (await readFile("--seed-file", path)).trim();
  try {
    publicKeyOf(seed);
  } catch (error) {
    throw new UsageError(`--seed-file ${quote(path)}: ${(error as Error).message}`);
  }
  return seed;
}

async function readFile(option: string, path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    throw new UsageError(`Cannot read ${option} ${quote(path)}: ${(error as Error).message}`);
  }
}
