/** Why an engine can't have the packets that it is to have. */

import { errnoName } from "../errno.ts";
import { SETTING } from "./layout.ts";
import type { NativeOptions } from "./record.ts";

type Setting = keyof typeof SETTING;

const NAMES = Object.keys(SETTING) as Setting[];

/** What an error means, where it isn't plain from its name. */
const CAUSES: Record<Setting, Readonly<Record<string, string>>> = {
  source: {
    EADDRNOTAVAIL: "it is no address of this system",
    ENODEV: "there is no such interface",
    EINVAL: "a link-local address needs its interface, as in fe80::1%eth0",
    EAFNOSUPPORT: "this system has no such addresses",
  },
  interface: { ENODEV: "there is no such interface", EPERM: "before Linux 5.7 it needs CAP_NET_RAW" },
  mark: { EPERM: "it needs CAP_NET_ADMIN or, since Linux 5.17, CAP_NET_RAW" },
  tos: {},
  engine: {
    EPERM:
      "it needs CAP_NET_RAW: AmbientCapabilities=CAP_NET_RAW in a systemd unit, --cap-add NET_RAW for a container, " +
      "`setcap cap_net_raw+ep` on an executable of deno compile",
  },
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
  const setting = NAMES.find((name) => SETTING[name] === -code >> 16);
  if (setting === undefined) return undefined;
  const errno = errnoName(-code & 0xffff);
  const cause = CAUSES[setting][errno];
  const why = cause === undefined ? errno : `${cause} (${errno})`;
  return new Refusal(setting, setting === "engine" ? `"${kind}"` : packets[setting], why);
}
