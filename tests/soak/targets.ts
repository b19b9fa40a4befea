/** The targets of the soak, with their rules: the expected result of a check, and the probes that it sends. */

import type { CheckTarget } from "../../mod.ts";
import { type NamespaceOptions, WIRE } from "../support/namespace.ts";

/** The network: loopback, a wire without a host at its other end, and names. */
export const WORLD: NamespaceOptions = {
  setup: WIRE,
  files: {
    // In the order of RFC 6724: IPv6 first. The two addresses of two.test have 31 bits in common, so they keep their
    // order.
    "/etc/hosts": `
      127.0.0.1 one.test both.test late.test
      ::1 both.test
      127.0.0.2 two.test
      127.0.0.3 two.test
      2001:db8::9 late.test
    `,
    "/etc/nsswitch.conf": "hosts: files\n",
  },
};

/** Ports of applications, below the range of local ports. */
export const OPEN: readonly { hostname: string; port: number }[] = ["127.0.0.1", "127.0.0.3", "::1"].map((
  hostname,
) => ({
  hostname,
  port: 80,
}));

/** The state of a probed port: open, closed, or silent. */
export type PortState = "open" | "closed" | "silent";

/** An expected result, and the probes that it implies. */
export interface Expectation {
  /** The outcome, as {@linkcode outcome} formats it. */
  readonly outcome: string;
  /** The state of the port of each probe. */
  readonly probes: readonly PortState[];
}

/** How the addresses of a name are used. */
export type Resolve = "any" | "first" | "all";

/** A target, and its rule. */
export interface Target {
  readonly target: CheckTarget;
  readonly answers: Readonly<Record<Resolve, readonly Expectation[]>>;
}

/** Targets that answer before any timeout. */
export const ANSWERING: readonly Target[] = [
  one("127.0.0.1:80", up("127.0.0.1")),
  one({ hostname: "127.0.0.3", port: 80 }, up("127.0.0.3")),
  one("[::1]:80", up("::1")),
  one({ hostname: "::1", port: 80 }, up("::1")),
  one("127.0.0.1:1", refused("127.0.0.1")),
  one({ hostname: "[::1]", port: 1 }, refused("::1")),
  // There is no route, so nothing is sent.
  one("198.51.100.1:80", { outcome: "198.51.100.1 unreachable ENETUNREACH", probes: [] }),
  one("unknown.test:80", { outcome: "none unresolved EAI_NONAME", probes: [] }),
  one("one.test:80", up("127.0.0.1")),
  one("one.test:1", refused("127.0.0.1")),
  {
    target: "both.test:80",
    answers: { any: [up("::1")], first: [up("::1")], all: [up("::1"), up("127.0.0.1")] },
  },
  {
    target: "two.test:80",
    answers: {
      any: [{ outcome: "127.0.0.3 up", probes: ["closed", "open"] }],
      first: [refused("127.0.0.2")],
      all: [refused("127.0.0.2"), up("127.0.0.3")],
    },
  },
];

/** A target whose first address is silent, so that the second is tried after 250 ms. */
export const LATE: Target = one("late.test:80", { outcome: "127.0.0.1 up", probes: ["silent", "open"] });

/** Targets that never answer, so that their checks time out. */
export const SILENT: readonly Target[] = [
  one("192.0.2.9:80", timeout("192.0.2.9")),
  one({ hostname: "2001:db8::9", port: 80 }, timeout("2001:db8::9")),
];

function one(target: CheckTarget, answer: Expectation): Target {
  return { target, answers: { any: [answer], first: [answer], all: [answer] } };
}

function up(hostname: string): Expectation {
  return { outcome: `${hostname} up`, probes: ["open"] };
}

function refused(hostname: string): Expectation {
  return { outcome: `${hostname} refused ECONNREFUSED`, probes: ["closed"] };
}

function timeout(hostname: string): Expectation {
  return { outcome: `${hostname} timeout`, probes: ["silent"] };
}
