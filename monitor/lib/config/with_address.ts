/** Canonical addresses of targets. */

import type { MonitorTarget } from "../target.ts";

/** Returns a target with its address in canonical form, which is also the default id. */
export function withAddress(target: MonitorTarget, address: string): MonitorTarget {
  if (typeof target === "string") return address;
  return target.target === address ? target : { ...target, target: address };
}
