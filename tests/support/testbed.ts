/**
 * Two hosts on a wire: client and server have a network stack each, with addresses, routes, rules, limits and counters
 * of its own.
 */

import type { Client } from "../scripts/client.ts";
import type { Server } from "../scripts/server.ts";
import { type Methods, RpcProcess } from "./rpc.ts";
import { LOOPBACK, setupFailure, UNSHARE, whyNoNamespaces } from "./namespace.ts";
import { COUNTING, LIST_COUNTERS, parseCounters, type Wire } from "./wire.ts";

/** Further setup of the hosts, as shell commands. */
export interface TestbedOptions {
  /** Runs before the checker starts, in its process, so that it can set resource limits. */
  client?: string;
  /** Runs after the wire is set up. */
  server?: string;
  /** The reason why the test can't run here; `undefined` if it can. */
  whyNot?: string;
}

/** The server's addresses. */
export const SERVERS = ["192.0.2.2", "2001:db8::2"];

/** Link-local addresses are set explicitly, to avoid the wait for duplicate address detection. */
const CLIENT_ADDRESSES = `
  ip link set veth0 addrgenmode none
  ip addr add 192.0.2.1/24 dev veth0
  ip addr add 2001:db8::1/64 dev veth0 nodad
  ip addr add fe80::1/64 dev veth0 nodad
  ip link set veth0 up
`;
const SERVER_ADDRESSES = `
  ip link set veth1 addrgenmode none
  ip addr add 192.0.2.2/24 dev veth1
  ip addr add 2001:db8::2/64 dev veth1 nodad
  ip addr add fe80::2/64 dev veth1 nodad
  ip link set veth1 up
`;
/** The kernel brings up the first link in the background, and drops its packets until then. */
const WAIT_FOR_LINK = "until ip -oneline link show dev veth1 | grep -q 'state UP'; do sleep 0.01; done";

/** The reason why no testbed can be set up here; `undefined` if it can. Tries all commands that the tests use. */
const whyNoTestbed = whyNoNamespaces ?? await setupFailure([
  "ip link add veth0 type veth peer name veth1",
  COUNTING,
  LIST_COUNTERS,
  "nft add table inet rules",
  "nft add chain inet rules in '{ type filter hook input priority filter; }'",
  "nft add rule inet rules in tcp dport 80 reject with icmpx type host-unreachable",
  "nft add rule inet rules in tcp dport 80 tcp option mptcp exists reject with tcp reset",
  "unshare --net true",
  "nsenter --version",
]);

/** Registers a test with a new testbed. If none can be set up the test is skipped, with the reason in its name. */
export function testbedTest(
  name: string,
  options: TestbedOptions,
  fn: (testbed: Testbed, test: Deno.TestContext) => Promise<void>,
): void {
  const whyNot = whyNoTestbed ?? options.whyNot;
  if (whyNot === undefined) {
    Deno.test(name, async (test) => {
      await using testbed = await Testbed.open(options);
      await fn(testbed, test);
    });
  } else {
    Deno.test({ name: `${name} (skipped: ${whyNot})`, ignore: true, fn() {} });
  }
}

/** A client, a server, and the wire between them. */
export class Testbed implements AsyncDisposable {
  readonly client: Host<Client>;
  readonly server: Host<Server>;

  readonly #resources: AsyncDisposableStack;

  private constructor(client: Host<Client>, server: Host<Server>, resources: AsyncDisposableStack) {
    this.client = client;
    this.server = server;
    this.#resources = resources;
  }

  static async open({ client: setupClient = "", server: setupServer = "" }: TestbedOptions): Promise<Testbed> {
    await using resources = new AsyncDisposableStack();
    const client = resources.use(new Host<Client>("client.ts", `${LOOPBACK}\n${setupClient}`, UNSHARE));
    await client.call("counters");
    // The server is in the client's user namespace, whose root may set up both.
    const inside = enter(client.pid, "--user", "--preserve-credentials", "--mount");
    const server = resources.use(new Host<Server>("server.ts", LOOPBACK, [...inside, "unshare", "--net"]));
    await server.call("counters");
    await client.sh(`ip link add veth0 type veth peer name veth1 netns ${server.pid}`);
    await server.sh(SERVER_ADDRESSES);
    await client.sh(CLIENT_ADDRESSES);
    await server.sh(WAIT_FOR_LINK);
    await server.sh(COUNTING);
    await server.sh(setupServer);
    return new Testbed(client, server, resources.move());
  }

  /** Packets on the wire so far, and the server's other counters. */
  async wire(): Promise<Wire> {
    return parseCounters(await this.server.sh(LIST_COUNTERS));
  }

  /** The same, once a condition holds, or after a minute. The test asserts the counts. */
  async wireWhen(enough: (wire: Wire) => boolean): Promise<Wire> {
    const end = performance.now() + 60_000;
    while (!enough(await this.wire()) && performance.now() < end) {
      // nft does not notify about counters, so they are polled.
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    // Read again, because counters are read one after the other while they change.
    return await this.wire();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources[Symbol.asyncDispose]();
  }
}

/** One of the two hosts: a running script and its namespace. */
export class Host<M extends Methods> extends RpcProcess<M> {
  /** Runs shell commands in the namespace, and returns their output. */
  async sh(commands: string): Promise<string> {
    const [command, ...args] = enter(this.pid, "--user", "--preserve-credentials", "--mount", "--net");
    args.push("sh", "-euc", commands);
    const { success, stdout, stderr } = await new Deno.Command(command, { args }).output();
    if (!success) throw new Error(`${commands}: ${new TextDecoder().decode(stderr)}`);
    return new TextDecoder().decode(stdout);
  }
}

function enter(pid: number, ...namespaces: string[]): string[] {
  return ["nsenter", "--target", `${pid}`, ...namespaces];
}
