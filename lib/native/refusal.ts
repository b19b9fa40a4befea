/** Why an engine can't have the packets that it is to have. */

import { errnoName } from "../errno.ts";
import { SETTING } from "./layout.ts";
import type { NativeOptions } from "./record.ts";

type Code = keyof typeof SETTING;

/** What the raw engine needs of the system; all the others are settings of packets. */
const NEEDS = {
  rawSocket: "a raw socket (SOCK_RAW)",
  filter: "a filter for a raw socket (SO_ATTACH_FILTER)",
  netlink: "a netlink socket (AF_NETLINK), which tells of changed routes",
  ports: "a source port (bind)",
  losses: "the count of lost packets (SO_MEMINFO)",
  batches: "sendmmsg, recvmmsg or recvmsg",
} as const;

type Need = keyof typeof NEEDS;
type Setting = Exclude<Code, Need> | "engine";

const CODES = Object.keys(SETTING) as Code[];

/** What an error means, where it isn't plain from its name. */
const CAUSES: Record<Code, Readonly<Record<string, string>>> = {
  source: {
    EADDRNOTAVAIL: "it is no address of this system",
    ENODEV: "there is no such interface",
    EINVAL: "a link-local address needs its interface, as in fe80::1%eth0",
    EAFNOSUPPORT: "this system has no such addresses",
  },
  interface: { ENODEV: "there is no such interface", EPERM: "before Linux 5.7 it needs CAP_NET_RAW" },
  mark: { EPERM: "it needs CAP_NET_ADMIN or, since Linux 5.17, CAP_NET_RAW" },
  tos: {},
  rawSocket: {
    EPERM:
      "it needs CAP_NET_RAW: AmbientCapabilities=CAP_NET_RAW in a systemd unit, --cap-add NET_RAW for a container, " +
      "`setcap cap_net_raw+ep` on an executable of deno compile",
  },
  filter: { ENOMEM: "raise net.core.optmem_max" },
  netlink: { EAFNOSUPPORT: "add AF_NETLINK to RestrictAddressFamilies of a systemd unit" },
  ports: {
    EADDRINUSE: "there is none left in net.ipv4.ip_local_port_range",
    EPERM: "allow port 0, as by SocketBindAllow of a systemd unit",
    EACCES: "allow bind to port 0, as by a rule of Landlock",
  },
  losses: { ENOPROTOOPT: "it needs Linux 4.12" },
  batches: {},
};

/** An engine can't be had as it was asked for. */
export class Refusal extends Error {
  /** What of it can't. */
  readonly setting: Setting;

  /** Says why. */
  constructor(setting: Setting, value: unknown, why: string) {
    super(`Cannot check with ${setting} ${value}: ${why}`);
    this.setting = setting;
  }
}

/**
 * Makes an error of the code with which an engine did not start.
 *
 * @param code The code, below 0.
 * @param options What was asked for.
 * @returns The error; `undefined` if the code is about something else.
 */
export function refusalOf(code: number, { kind, packets }: NativeOptions): Refusal | undefined {
  const name = CODES.find((name) => SETTING[name] === -code >> 16);
  if (name === undefined) return undefined;
  const errno = errnoName(-code & 0xffff);
  const cause = CAUSES[name][errno];
  const why = cause === undefined ? errno : `${cause} (${errno})`;
  if (isNeed(name)) return new Refusal("engine", `"${kind}"`, `the system refuses ${NEEDS[name]}: ${why}`);
  return new Refusal(name, packets[name], why);
}

function isNeed(name: Code): name is Need {
  return name in NEEDS;
}
