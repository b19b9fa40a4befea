/**
 * Shares: groups of targets with the same witnesses. An agent ranks the agents once per share, 65,536 times, and not
 * once per target. A target's share depends only on its id.
 */

import { SLICES } from "../protocol/limits.ts";
import { hash } from "./hash.ts";

/** The number of shares. */
export const SHARES = 65_536;

const SHARES_PER_SLICE = SHARES / SLICES;

/** The share of a target: 0 to 65,535. */
export function shareOf(id: string): number {
  return hash(id) & (SHARES - 1);
}

/** The slice in which the reports about a share's targets are published: 0 to 255. */
export function sliceOf(share: number): number {
  return Math.floor(share / SHARES_PER_SLICE);
}
