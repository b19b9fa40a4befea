/** Error of an engine that can't start, and its messages by system feature, packet option and errno. */

import { errnoName } from "../errno.ts";
import { SETTING } from "./layout.ts";
import type { NativeOptions } from "./config_record.ts";

type Setting = keyof typeof SETTING;

/** System features that the raw engine needs. The other settings are packet options. */
const FEATURES = {
  rawSocket: "a raw socket (SOCK_RAW)",
  filter: "a filter for a raw socket (SO_ATTACH_FILTER)",
  netlink: "a netlink socket (AF_NETLINK), which reports route changes",
  ports: "a source port (bind)",
  losses: "the count of lost packets (SO_MEMINFO)",
  batches: "sendmmsg, recvmmsg or recvmsg",
} as const;

type Feature = keyof typeof FEATURES;
type PacketOption = Exclude<Setting, Feature>;

const SETTINGS = Object.keys(SETTING) as Setting[];

/** Causes and remedies by feature and errno, for errors whose name does not explain them. */
const CAUSES: Record<Setting, Readonly<Record<string, string>>> = {
  source: {
    EADDRNOTAVAIL: "it is not an address of this host",
    ENODEV: "there is no such interface",
    EINVAL: "a link-local address needs its interface, as in fe80::1%eth0",
    EAFNOSUPPORT: "this host does not support its address family",
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
  netlink: {
    EAFNOSUPPORT: "add AF_NETLINK to RestrictAddressFamilies of a systemd unit",
    EACCES: "a security policy refuses it, as Android's does for apps",
  },
  ports: {
    EADDRINUSE: "no port is free in net.ipv4.ip_local_port_range: widen it",
    EPERM: "allow port 0, as by SocketBindAllow of a systemd unit",
    EACCES: "allow bind to port 0, as by a rule of Landlock",
  },
  losses: { ENOPROTOOPT: "it needs Linux 4.12" },
  batches: {},
};

/** Error of an engine that can't start, because the system lacks a feature, or rejects a packet option. */
export class EngineStartError extends Error {
  /** The option that was rejected; `"engine"` if the system lacks a feature that the engine needs. */
  readonly setting: PacketOption | "engine";

  /** Makes the error. */
  constructor(setting: PacketOption | "engine", value: unknown, why: string) {
    super(`Cannot check with ${setting} ${value}: ${why}`);
    this.setting = setting;
  }
}

/**
 * Converts the status code of a failed start to an error.
 *
 * @param code The code, below 0.
 * @param options The options that the engine was started with.
 * @returns The error; `undefined` if the code names neither a feature nor an option.
 */
export function startErrorOf(code: number, { kind, packets }: NativeOptions): EngineStartError | undefined {
  const name = SETTINGS.find((name) => SETTING[name] === -code >> 16);
  if (name === undefined) return undefined;
  const errno = errnoName(-code & 0xffff);
  const cause = CAUSES[name][errno];
  const why = cause === undefined ? errno : `${cause} (${errno})`;
  if (isFeature(name)) {
    return new EngineStartError("engine", `"${kind}"`, `the system refuses ${FEATURES[name]}: ${why}`);
  }
  return new EngineStartError(name, packets[name], why);
}

function isFeature(name: Setting): name is Feature {
  return name in FEATURES;
}
