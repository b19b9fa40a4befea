/** Canonical addresses of targets. */

import type { MonitorTarget } from "../target.ts";

/** Gives a target its address in canonical form, which is the id of a target without one. */
export function withAddress(target: MonitorTarget, address: string): MonitorTarget {
  if (typeof target === "string") return address;
  return target.target === address ? target : { ...target, target: address };
}
