/**
 * Configuration of a NATS server for a fleet.
 *
 * Each agent has a separate account, which imports only the agent's own subjects and the requests that the agent may
 * make. Permissions in a common account would not confine an agent, because the server does not check the reply subject
 * of a request: an agent could have the server publish to any subject of the account.
 */

import { quote } from "@tcp-shaker/tcp-shaker/quote";
import { checkName } from "../protocol/names.ts";
import {
  agentPermissions,
  hubPermissions,
  type Permissions,
  READ_REQUESTS,
  REPUBLISHED_SUBJECTS,
  writtenBy,
} from "./subjects.ts";

/** Name and public key of a user. */
export interface FleetUser {
  /** The name of the agent or hub. */
  readonly name: string;
  /** The public key. */
  readonly publicKey: string;
}

/** Options of the configuration. */
export interface NatsConfigOptions {
  /** The agents. */
  readonly agents: readonly FleetUser[];
  /** The hubs. */
  readonly hubs: readonly FleetUser[];
  /** The public key of administrators, who apply lists. */
  readonly admin: string;
  /**
   * The listen address.
   *
   * @default {"127.0.0.1:4222"}
   */
  readonly listen?: string;
  /**
   * The folder of the streams.
   *
   * @default {"/var/lib/nats"}
   */
  readonly storage?: string;
  /** The files of the certificate and its private key, in PEM. Without them connections are not encrypted. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Options of the cluster; absent for a single server. */
  readonly cluster?: ClusterOptions;
}

/** Options of a server in a cluster. */
export interface ClusterOptions {
  /** The server's name, unique in the cluster. */
  readonly server: string;
  /** The listen address for the other servers. */
  readonly listen: string;
  /** The addresses of the servers of the cluster, `"host:port"`. May include this server. */
  readonly routes: readonly string[];
  /**
   * The file of the CA that signed the servers' certificates, in PEM. Only servers with such a certificate can join;
   * without a CA, any host that reaches the address can.
   */
  readonly ca?: string;
}

/** The account of the streams. */
const FLEET = "FLEET";

/**
 * Formats the configuration of a NATS server.
 *
 * @param options The users and addresses.
 * @returns The configuration. It contains no secret.
 * @throws {TypeError} If a name is invalid, or a name or a key is given twice.
 */
export function natsConfig(options: NatsConfigOptions): string {
  const { agents, hubs, admin, listen = "127.0.0.1:4222", storage = "/var/lib/nats", tls, cluster } = options;
  requireDistinct("agent", agents);
  requireDistinct("hub", hubs);
  requireDistinctKeys([...agents, ...hubs, { name: "administrators", publicKey: admin }]);
  return `# Written by "tcp-checker fleet nats-config". Secrets are in the seeds of the users.
# After a new agent was added, reload the server twice: nats-server 2.15 connects the imports of a new account at the
# reload that follows. Restart the servers of a cluster, one after the other.
listen: ${JSON.stringify(listen)}
jetstream { store_dir: ${JSON.stringify(storage)} }
${tlsSection(tls)}
${clusterSection(cluster, tls)}accounts {
  ${FLEET} {
    jetstream: enabled
    users: [
      { nkey: ${admin} } # administrators
${hubs.map(({ name, publicKey }) => userLine(name, publicKey, hubPermissions(name))).join("\n")}
    ]
    exports: [
${["*"].flatMap(writtenBy).map((subject) => `      { service: ${JSON.stringify(subject)} }`).join("\n")}
${READ_REQUESTS.map((subject) => `      { service: ${JSON.stringify(subject)}, response_type: stream }`).join("\n")}
${REPUBLISHED_SUBJECTS.map((subject) => `      { stream: ${JSON.stringify(subject)} }`).join("\n")}
    ]
  }
${agents.map(agentAccount).join("\n")}
}
`;
}

function agentAccount({ name, publicKey }: FleetUser): string {
  const imports = (kind: "service" | "stream", subjects: readonly string[]) =>
    subjects.map((subject) => `      { ${kind}: { account: ${FLEET}, subject: ${JSON.stringify(subject)} } }`).join(
      "\n",
    );
  return `  "AGENT-${name}" {
    users: [
${userLine(name, publicKey, agentPermissions(name))}
    ]
    imports: [
${imports("service", [...writtenBy(name), ...READ_REQUESTS])}
${imports("stream", REPUBLISHED_SUBJECTS)}
    ]
  }`;
}

function userLine(name: string, publicKey: string, { publish, subscribe }: Permissions): string {
  const permissions = `{ publish: ${JSON.stringify(publish)}, subscribe: ${JSON.stringify(subscribe)} }`;
  return `      { nkey: ${publicKey}, permissions: ${permissions} } # ${name}`;
}

function tlsSection(tls: NatsConfigOptions["tls"]): string {
  if (tls === undefined) return "# Connections are not encrypted: listen only on loopback.";
  return `tls { ${tlsFiles(tls)} }`;
}

function tlsFiles({ cert, key }: NonNullable<NatsConfigOptions["tls"]>): string {
  return `cert_file: ${JSON.stringify(cert)}, key_file: ${JSON.stringify(key)}`;
}

/** Servers verify each other's certificates, because a server that joins may read and write everything. */
function clusterSection(cluster: ClusterOptions | undefined, tls: NatsConfigOptions["tls"]): string {
  if (cluster === undefined) return "";
  const { server, listen, routes, ca } = cluster;
  const urls = routes.map((route) => JSON.stringify(`nats-route://${route}`)).join(", ");
  const verified = tls === undefined || ca === undefined
    ? ""
    : `  tls { ${tlsFiles(tls)}, ca_file: ${JSON.stringify(ca)}, verify: true }\n`;
  return `server_name: ${JSON.stringify(server)}
cluster {
  name: "fleet"
  listen: ${JSON.stringify(listen)}
${verified}  routes: [${urls}]
}
`;
}

function requireDistinct(kind: "agent" | "hub", users: readonly FleetUser[]): void {
  const names = new Set<string>();
  for (const { name } of users) {
    checkName(kind, name);
    if (names.has(name)) throw new TypeError(`The ${kind} ${quote(name)} is given twice`);
    names.add(name);
  }
}

/** Rejects equal keys, because a server has one user per key, so one name would have the other's permissions. */
function requireDistinctKeys(users: readonly FleetUser[]): void {
  const names = new Map<string, string>();
  for (const { name, publicKey } of users) {
    const other = names.get(publicKey);
    if (other !== undefined) throw new TypeError(`${other} and ${name} have the same key: give each its own`);
    names.set(publicKey, name);
  }
}
