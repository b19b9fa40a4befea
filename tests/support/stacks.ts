/**
 * Two hosts on a wire: client and server have a network stack each, with addresses, routes, rules, limits and counters
 * of its own.
 */

import type { Client } from "../scripts/client.ts";
import type { Server } from "../scripts/server.ts";
import { Actor, type Methods } from "./actor.ts";
import { LOOPBACK, tryOut, UNSHARE, whyNoNamespaces } from "./namespace.ts";
import { COUNTING, LIST_COUNTERS, parseCounters, type Wire } from "./wire.ts";

/** What the hosts have beside their addresses: shell commands that furnish them. */
export interface StageOptions {
  /** Runs before the checker starts, in its process: limits on resources are possible too. */
  client?: string;
  /** Runs when the wire is there. */
  server?: string;
  /** Why the test can't run here, if it can't. */
  whyNot?: string;
}

/** The server's addresses. */
export const SERVERS = ["192.0.2.2", "2001:db8::2"];

/** Link-local addresses are given, not derived, so that nothing waits for their duplicate detection. */
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

/** Why no stage can be set up here; `undefined` if it can. Tries all that the tests use, as `whyNoNamespaces` does. */
const whyNoStage = whyNoNamespaces ?? await tryOut([
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

/** Registers a test on a stage of its own. Where there can be none it is skipped, and its name says why. */
export function stageTest(
  name: string,
  options: StageOptions,
  fn: (stage: Stage, test: Deno.TestContext) => Promise<void>,
): void {
  const whyNot = whyNoStage ?? options.whyNot;
  if (whyNot === undefined) {
    Deno.test(name, async (test) => {
      await using stage = await Stage.open(options);
      await fn(stage, test);
    });
  } else {
    Deno.test({ name: `${name} (skipped: ${whyNot})`, ignore: true, fn() {} });
  }
}

/** A client, a server, and the wire between them. */
export class Stage implements AsyncDisposable {
  readonly client: Host<Client>;
  readonly server: Host<Server>;

  readonly #resources: AsyncDisposableStack;

  private constructor(client: Host<Client>, server: Host<Server>, resources: AsyncDisposableStack) {
    this.client = client;
    this.server = server;
    this.#resources = resources;
  }

  static async open({ client: setupClient = "", server: setupServer = "" }: StageOptions): Promise<Stage> {
    await using resources = new AsyncDisposableStack();
    const client = resources.use(new Host<Client>("client.ts", `${LOOPBACK}\n${setupClient}`, UNSHARE));
    await client.call("counters");
    // It lives in the client's user namespace, whose root may set up both.
    const inside = enter(client.pid, "--user", "--preserve-credentials", "--mount");
    const server = resources.use(new Host<Server>("server.ts", LOOPBACK, [...inside, "unshare", "--net"]));
    await server.call("counters");
    await client.sh(`ip link add veth0 type veth peer name veth1 netns ${server.pid}`);
    await server.sh(SERVER_ADDRESSES);
    await client.sh(CLIENT_ADDRESSES);
    await server.sh(COUNTING);
    await server.sh(setupServer);
    return new Stage(client, server, resources.move());
  }

  /** What has crossed the wire so far, and what other counters of the server's have counted. */
  async wire(): Promise<Wire> {
    return parseCounters(await this.server.sh(LIST_COUNTERS));
  }

  /** The same, once it is enough; or after a minute, and then it is for the test to judge what there is. */
  async wireWhen(enough: (wire: Wire) => boolean): Promise<Wire> {
    const end = performance.now() + 60_000;
    while (!enough(await this.wire()) && performance.now() < end) {
      // Counters tell nobody that they count: they have to be asked.
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    // Not what was just read: counters are read one after the other, while they count.
    return await this.wire();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources[Symbol.asyncDispose]();
  }
}

/** One of the two hosts: a script at work, and the namespace that it works in. */
export class Host<M extends Methods> extends Actor<M> {
  /** Runs shell commands there, and gives what they print. */
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
