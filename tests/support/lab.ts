/**
 * A simulated network, tests/lab/, which answers by rules for 131,072 IPv4 addresses and an IPv6 network behind one
 * device, and logs each segment.
 */

import type { Input, Output } from "../scripts/check.ts";
import type { CheckerOptions, CheckResult } from "../../mod.ts";
import type { Rule } from "./behaviour.ts";
import { type NamespaceOptions, namespaceTest, runInNamespace, setupFailure, whyNoNamespaces } from "./namespace.ts";

const DEVICE = `
  ip tuntap add dev lab0 mode tun
  # Nothing that we send at once may be dropped before the lab has seen it.
  ip link set lab0 txqueuelen 200000
`;
/**
 * Packets to 198.18.0.0/15 or 2001:db8::/32 reach the lab; 192.0.2.1 and 2001:db8:ffff::1 are the client's.
 *
 * The lab must have opened the device before, because a device without a carrier drops packets for a while.
 */
const ADDRESSES = `
  ip link set lab0 up
  ip addr add 192.0.2.1/32 dev lab0
  ip addr add 2001:db8:ffff::1/128 dev lab0 nodad
  ip route add 198.18.0.0/15 dev lab0 src 192.0.2.1
  ip route add 2001:db8::/32 dev lab0 src 2001:db8:ffff::1
  # The kernel drops packets to an IPv6 address until a thread of its own has added the route.
  until ip -6 route show table local | grep -q 2001:db8:ffff::1; do sleep 0.01; done
`;
const ROOT = decodeURIComponent(new URL("../..", import.meta.url).pathname);
const PROGRAM = `${ROOT}target/debug/lab`;
/** The folder for captures of failed tests. */
const CAPTURES = `${ROOT}target/captures`;

const whyNoLab = whyNoNamespaces ?? await setupFailure([DEVICE, ADDRESSES]);

/** A simulated network. */
export interface Network {
  /** The first rule that matches a SYN applies. Without a match the SYN is not answered. */
  rules: Rule[];
  /** The seed of random behaviour. */
  seed?: number;
  /** Whether each segment is logged, or segments are only counted. */
  log?: boolean;
  /** Ms of lateness from which an answer is listed in {@linkcode Wire.late}. */
  lateAfter?: number;
  /** Whether the lab takes all the CPU time it gets, which narrows the bounds of {@linkcode Segment.earliest}. */
  spins?: boolean;
}

/** A logged segment. */
export interface Segment {
  /** The time in microseconds. */
  at: number;
  /** The kernel sent the client's segment, or received the host's, between these times. */
  earliest: number;
  latest: number;
  from: "client" | "host";
  /** The client's "address:port". */
  client: string;
  /** The host's "address:port". */
  host: string;
  kind: "SYN" | "SYN-ACK" | "RST" | "ACK" | "FIN" | "DATA" | "ODD" | "DAMAGED" | "ICMP";
  /** The reason why it did not arrive. */
  lost?: "rule" | "damaged";
  /** The kinds of TCP options that a SYN has (IANA, TCP option kind numbers). */
  options?: number[];
  /** The TOS byte, or traffic class; 0 if absent. */
  tos?: number;
}

/** The log of the wire. */
export class Wire {
  readonly segments: readonly Segment[];
  /** The number of segments by sender and kind: "client SYN", "host SYN-ACK lost". */
  readonly counts: Readonly<Record<string, number>>;
  /**
   * Hosts, "address:port", whose answer may have been later than by its rule, because the lab got no CPU time. The lab
   * assumes the earliest possible time of a SYN: right after the last read of the empty device.
   */
  readonly late: ReadonlySet<string>;
  readonly #byHost: Map<string, Segment[]>;

  constructor(segments: Segment[], counts: Record<string, number>, late: string[]) {
    this.segments = segments;
    this.counts = counts;
    this.late = new Set(late);
    this.#byHost = Map.groupBy(segments, ({ host }) => host);
  }

  /** All segments to and from a host's port, in order. */
  with(host: string): Segment[] {
    return this.#byHost.get(host) ?? [];
  }

  /** The kinds of all segments that the client sent to a host's port, in order, lost or not. */
  sentTo(host: string): string[] {
    return this.with(host).filter(({ from }) => from === "client").map(({ kind }) => kind);
  }

  /** Counts of the client's segments by kind, lost or not. */
  sent(): Record<string, number> {
    const sent: Record<string, number> = {};
    for (const [name, count] of Object.entries(this.counts)) {
      const [from, kind] = name.split(" ");
      if (from === "client") sent[kind] = (sent[kind] ?? 0) + count;
    }
    return sent;
  }
}

/** The lab's interface for tests. */
export class Lab {
  readonly #name: string;
  readonly #folders: string[] = [];

  constructor(name: string) {
    this.#name = name;
  }

  /** Runs a script of tests/scripts/ in a network. */
  async run<Out>(
    { rules, seed = 1, log = true, lateAfter, spins }: Network,
    script: string,
    input: unknown,
    { setup = "", files }: NamespaceOptions = {},
  ): Promise<{ output: Out; wire: Wire }> {
    const folder = await Deno.makeTempDir();
    this.#folders.push(folder);
    await Deno.writeTextFile(`${folder}/scenario.json`, JSON.stringify({ rules, seed, log, lateAfter, spins }));
    // The script is run by the lab.
    const lab = `set -- "${PROGRAM}" "${folder}" sh -euc '${ADDRESSES}exec "$@"' sh "$@"`;
    const output = await runInNamespace<Out>(script, input, { setup: [DEVICE, setup, lab].join("\n"), files });
    const lines = log ? (await Deno.readTextFile(`${folder}/segments.jsonl`)).trimEnd().split("\n") : [];
    const segments = lines.filter((line) => line !== "").map((line): Segment => JSON.parse(line));
    const [counts, late] = await Promise.all(
      ["counts", "late"].map(async (name) => JSON.parse(await Deno.readTextFile(`${folder}/${name}.json`))),
    );
    return { output, wire: new Wire(segments, counts, late) };
  }

  /** Checks targets, all at once, in a network. Returns one result per check, in the same order. */
  async check(
    network: Network,
    checks: Input["checks"],
    options?: NamespaceOptions,
    checker?: CheckerOptions,
  ): Promise<{ results: CheckResult[]; wire: Wire }> {
    const { output, wire } = await this.run<Output>(network, "check.ts", { checks, checker } satisfies Input, options);
    return { results: output.results.flat(), wire };
  }

  /** Keeps the captures of a failed test, and returns their paths. */
  async keep(): Promise<string[]> {
    await Deno.mkdir(CAPTURES, { recursive: true });
    const slug = this.#name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").slice(0, 100);
    return await Promise.all(this.#folders.map(async (folder, i) => {
      const path = `${CAPTURES}/${slug}-${i + 1}.pcap`;
      await Deno.copyFile(`${folder}/segments.pcap`, path).catch(() => {});
      return path;
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const folder of this.#folders) await Deno.remove(folder, { recursive: true });
  }
}

/** Registers a test in the lab. If the lab can't run the test is skipped, with the reason in its name. */
export function labTest(name: string, fn: (lab: Lab, test: Deno.TestContext) => Promise<void>): void {
  if (whyNoLab !== undefined) {
    Deno.test({ name: `${name} (skipped, there is no lab here: ${whyNoLab})`, ignore: true, fn: () => {} });
    return;
  }
  namespaceTest(name, async (test) => {
    await using lab = new Lab(name);
    try {
      await fn(lab, test);
    } catch (error) {
      const kept = await lab.keep();
      throw new Error(`The test failed, its captures are ${kept.join(", ")}`, { cause: error });
    }
  });
}
