/**
 * Fleet of monitors: many vantage points, one verdict per target, on NATS JetStream.
 *
 * @module
 */

export { Assignment, type Candidate } from "./lib/assignment/rendezvous.ts";
export { shardOf, SHARDS } from "./lib/assignment/shards.ts";
export { checkName } from "./lib/protocol/names.ts";
export { type FleetChange, fleetChanges, NO_VERDICT } from "./lib/vote/changes.ts";
export {
  agreementText,
  type Dissent,
  type FleetVerdict,
  judge,
  type ResolvedVoteOptions,
  resolveVote,
  type Vote,
} from "./lib/vote/verdict.ts";
export type { VoteOptions } from "./lib/vote_options.ts";
