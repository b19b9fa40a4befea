/**
 * Fleet of monitors: many vantage points, one verdict per target, on NATS JetStream.
 *
 * @module
 */

export { checkName } from "./lib/protocol/names.ts";
export type { VoteOptions } from "./lib/vote_options.ts";
