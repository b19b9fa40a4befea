/** Writes the configuration of NATS servers, and the keys of the users. */

import { checkName } from "@tcp-shaker/fleet";
import {
  type ClusterOptions,
  type FleetUser,
  isPublicKey,
  natsConfig,
  type NatsConfigOptions,
} from "@tcp-shaker/fleet/admin";
import { quote } from "@tcp-shaker/tcp-shaker/quote";
import { printError } from "../output.ts";
import { openLines, readLines } from "../targets/lines.ts";
import { UsageError } from "../usage_error.ts";
import type { FleetCommand } from "../command_line/fleet_command.ts";
import { keyOf } from "./key_files.ts";

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|::1)$/;
/** The server's name is also the name of its file. */
const SERVER_NAME = /^[\w-]{1,64}$/;
const DEFAULT_LISTEN = "127.0.0.1:4222";

/**
 * Writes `nats.conf`, or `SERVER.conf` for a server of a cluster, and a key pair for each user without a key: the seed
 * `NAME.nk` and the public key `NAME.pub`. A seed may be moved to its user's host, because the next run reads only the
 * public key.
 *
 * @param options The options.
 * @throws {UsageError} If the file of agents or an option is invalid.
 */
export async function writeNatsConfig(options: FleetCommand["natsConfig"]): Promise<void> {
  const { agents: path, hubs, output, listen = DEFAULT_LISTEN, storage, tlsCert, tlsKey } = options;
  if (path === undefined) throw new UsageError("fleet nats-config has no agents: add --agents FILE");
  const tls = tlsFiles(tlsCert, tlsKey);
  const cluster = clusterOptions(options);
  if (cluster?.ca !== undefined && tls === undefined) {
    throw new UsageError("--tls-ca has no certificate to verify: add --tls-cert FILE and --tls-key FILE");
  }
  if (tls === undefined && !LOOPBACK.test(hostOf("--nats-listen", listen))) {
    throw new UsageError(`${quote(listen)} is open to the network: add --tls-cert FILE and --tls-key FILE`);
  }
  hubs.forEach((name, i) => checkHub(name, hubs.slice(0, i)));
  const named = await readAgents(path);
  await Deno.mkdir(output, { recursive: true });
  const agents: FleetUser[] = [];
  for (const { name, publicKey } of named) {
    agents.push({ name, publicKey: publicKey ?? await keyOf(output, `agent-${name}`) });
  }
  const hubUsers: FleetUser[] = [];
  for (const name of hubs) hubUsers.push({ name, publicKey: await keyOf(output, `hub-${name}`) });
  const admin = await keyOf(output, "admin");
  const text = configText({
    agents,
    hubs: hubUsers,
    admin,
    listen,
    ...storage !== undefined && { storage },
    ...tls && { tls },
    ...cluster && { cluster },
  });
  const file = `${output}/${cluster?.server ?? "nats"}.conf`;
  await Deno.writeTextFile(file, text);
  printError(`tcp-checker: wrote ${file}, for ${names(agents)} and ${names(hubUsers)}`);
}

function configText(options: NatsConfigOptions): string {
  try {
    return natsConfig(options);
  } catch (error) {
    throw error instanceof TypeError ? new UsageError(error.message) : error;
  }
}

/** Validates a hub's name, because the name of its key file contains it. */
function checkHub(name: string, before: readonly string[]): void {
  try {
    checkName("hub", name);
  } catch (error) {
    throw new UsageError(`--hub-name: ${(error as Error).message}`);
  }
  if (before.includes(name)) throw new UsageError(`--hub-name ${quote(name)} is given twice: leave one out`);
}

function names(users: readonly FleetUser[]): string {
  return users.map(({ name }) => name).join(", ");
}

/** Reads the agents: one name per line, followed by the public key if the agent has created its own key. */
async function readAgents(path: string): Promise<{ name: string; publicKey?: string }[]> {
  const agents: { name: string; publicKey?: string }[] = [];
  for await (const { number, text } of readLines(await openLines(path))) {
    const [name, publicKey, ...rest] = text.split(/\s+/);
    try {
      checkName("agent", name);
    } catch (error) {
      throw new UsageError(`${path}:${number}: ${(error as Error).message}`);
    }
    if (rest.length > 0 || publicKey !== undefined && !isPublicKey(publicKey)) {
      throw new UsageError(`${path}:${number}: ${quote(text)} is invalid: write a name, or a name and a public key`);
    }
    if (agents.some((agent) => agent.name === name)) {
      throw new UsageError(`${path}:${number}: the agent ${quote(name)} is given twice: leave one out`);
    }
    const sharer = agents.find((agent) => publicKey !== undefined && agent.publicKey === publicKey);
    if (sharer !== undefined) {
      throw new UsageError(`${path}:${number}: ${sharer.name} and ${name} have the same key: give each its own`);
    }
    agents.push({ name, ...publicKey !== undefined && { publicKey } });
  }
  if (agents.length === 0) throw new UsageError(`${path} has no agents: add their names, one per line`);
  return agents;
}

function tlsFiles(cert: string | undefined, key: string | undefined): { cert: string; key: string } | undefined {
  if (cert !== undefined && key !== undefined) return { cert, key };
  if (cert === undefined && key === undefined) return undefined;
  throw new UsageError("--tls-cert and --tls-key work only together: give both");
}

/** Returns the cluster options of the server; `undefined` without a cluster. */
function clusterOptions(
  { serverName: server, cluster: listen, routes, tlsCa: ca }: FleetCommand["natsConfig"],
): ClusterOptions | undefined {
  if (server === undefined && listen === undefined && routes.length === 0 && ca === undefined) return undefined;
  if (server === undefined || listen === undefined || routes.length === 0) {
    throw new UsageError("A cluster needs --server-name NAME, --cluster ADDRESS and a --route for each server");
  }
  if (!SERVER_NAME.test(server)) {
    throw new UsageError(`--server-name ${quote(server)} is invalid: use 1 to 64 letters, digits, "-" and "_"`);
  }
  const isOpen = !LOOPBACK.test(hostOf("--cluster", listen));
  for (const route of routes) hostOf("--route", route);
  if (isOpen && ca === undefined) {
    throw new UsageError(`--cluster ${quote(listen)} is open to the network: add --tls-ca FILE`);
  }
  return { server, listen, routes, ...ca !== undefined && { ca } };
}

/** Returns the host of `"host:port"`. */
function hostOf(option: string, address: string): string {
  const match = /^(?:\[(.+)\]|([^:]*)):\d+$/.exec(address);
  if (match === null) {
    throw new UsageError(`${option} ${quote(address)} is invalid: use an address and a port, such as 127.0.0.1:4222`);
  }
  return match[1] ?? match[2];
}
