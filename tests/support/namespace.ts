/**
 * Tests in network namespaces, with their own addresses, routes and counters.
 *
 * They need no privilege where user namespaces are permitted.
 */

import { runScript } from "./script.ts";

/** Makes a user, network and mount namespace, whose root is the user who runs the tests. */
export const UNSHARE = ["unshare", "--user", "--map-root-user", "--net", "--mount"];
/** Brings loopback up, which is down in a new namespace. */
export const LOOPBACK = "ip link set lo up";
/** Shell command that removes CAP_NET_RAW from the following program, even for root. */
export const WITHOUT_RAW = 'set -- setpriv --bounding-set=-net_raw "$@"';

/** Options of a namespace. */
export interface NamespaceOptions {
  /** Shell commands that set it up. */
  setup?: string;
  /** Contents of files by path, which replace the system's files in the namespace. */
  files?: Record<string, string>;
}

/**
 * A wire with both ends in this namespace, veth0 and veth1: packets to 192.0.2.0/24 or 2001:db8::/64 leave by veth0 and
 * arrive at veth1. 192.0.2.9 and 2001:db8::9 have static neighbour entries but no host, so packets to them vanish.
 */
export const WIRE = `
  ip link add veth0 address 02:00:00:00:00:01 type veth peer name veth1 address 02:00:00:00:00:02
  ip addr add 192.0.2.1/24 dev veth0
  ip addr add 2001:db8::1/64 dev veth0 nodad
  ip link set veth0 up
  ip link set veth1 up
  ip neigh add 192.0.2.9 lladdr 02:00:00:00:00:09 dev veth0
  ip neigh add 2001:db8::9 lladdr 02:00:00:00:00:09 dev veth0
`;

/**
 * The reason why tests can't run in namespaces here; `undefined` if they can.
 *
 * All commands that the tests need are tried, so that a test does not fail for lack of one.
 */
export const whyNoNamespaces: string | undefined = await setupFailure([
  WIRE,
  "mount --bind /etc/hosts /etc/hosts",
  "echo 5000 6000 >/proc/sys/net/ipv4/ip_local_port_range",
]);

/** Registers a test that needs namespaces. If they can't be made the test is skipped, with the reason in its name. */
export function namespaceTest(name: string, fn: (test: Deno.TestContext) => Promise<void>): void {
  if (whyNoNamespaces === undefined) Deno.test(name, fn);
  else Deno.test({ name: `${name} (skipped, no namespace can be made: ${whyNoNamespaces})`, ignore: true, fn });
}

/** Runs a script of tests/scripts/ in a new namespace; see {@linkcode runScript}. */
export async function runInNamespace<Output>(
  script: string,
  input: unknown,
  options: NamespaceOptions = {},
): Promise<Output> {
  const scratch = await Deno.makeTempDir();
  try {
    return await runScript<Output>(script, input, setupCommands(scratch, options), UNSHARE);
  } finally {
    await Deno.remove(scratch, { recursive: true });
  }
}

/**
 * Makes the shell commands that set up a new namespace.
 *
 * @param scratch A folder for its files, which must outlive the namespace.
 * @param options The options.
 */
export function setupCommands(scratch: string, { setup = "", files = {} }: NamespaceOptions): string {
  const mounts = Object.entries(files).map(([path, text], i) => {
    Deno.writeTextFileSync(`${scratch}/${i}`, text);
    return `mount --bind "${scratch}/${i}" "${path}"`;
  });
  return [LOOPBACK, setup, ...mounts].join("\n");
}

/** Tries shell commands in a new namespace. Returns why they failed; `undefined` if they succeeded. */
export async function setupFailure(commands: string[]): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return `this is ${Deno.build.os}`;
  const [command, ...args] = UNSHARE;
  args.push("sh", "-euc", [LOOPBACK, ...commands].join("\n"));
  try {
    const { success, stderr } = await new Deno.Command(command, { args }).output();
    if (success) return undefined;
    return new TextDecoder().decode(stderr).trim().split("\n").at(-1);
  } catch (error) {
    return `${command}: ${error instanceof Error ? error.message : error}`;
  }
}
