/**
 * Verdict of the fleet: a pure function of the votes of the present witnesses.
 *
 * With fewer votes than the quorum a target is unknown. Otherwise it is down if enough witnesses vote for down, else
 * up. By default the majority of the votes is enough, and an even split is up, because a target that is unreachable
 * from only one place is not down. The option `agree` replaces the majority, so an even split can be down. If there are
 * fewer votes than `agree`, all of them must be down.
 */

import { WITNESSES } from "../protocol/limits.ts";
import type { VoteOptions } from "../vote_options.ts";

/** The vote of one witness. */
export interface Vote {
  /** The agent's name. */
  readonly agent: string;
  /** The agent's zone. */
  readonly zone: string;
  /** The vote. */
  readonly state: "up" | "down";
}

/** The verdict of the fleet on a target. */
export interface FleetVerdict {
  /** `"unknown"` if fewer witnesses than the quorum have a vote. */
  readonly state: "up" | "down" | "unknown";
  /** The number of votes for the state; 0 if it is unknown. */
  readonly agree: number;
  /** The number of votes. */
  readonly present: number;
  /** Disagreement, if there are votes for both states. */
  readonly dissent?: Dissent;
}

/** Disagreement of witnesses. */
export interface Dissent {
  /** The state opposite to the verdict; `"down"` if the verdict is `"unknown"`. */
  readonly state: "up" | "down";
  /** The zones of the witnesses that vote for this state, in alphabetical order. */
  readonly zones: readonly string[];
}

/** {@linkcode VoteOptions} with the defaults filled in. */
export interface ResolvedVoteOptions {
  /** Witnesses per target. */
  readonly witnesses: number;
  /** Minimum number of votes; with fewer the target is unknown. */
  readonly quorum: number;
  /** Number of votes for down that make a target down; `undefined` for the majority of the votes. */
  readonly agree: number | undefined;
}

/** Fills in the defaults. */
export function resolveVote({ witnesses = WITNESSES, quorum, agree }: VoteOptions): ResolvedVoteOptions {
  return { witnesses, quorum: quorum ?? (witnesses === 1 ? 1 : 2), agree };
}

/**
 * Rejects options with which no target could ever have a verdict, or be down.
 *
 * @param options The options.
 * @throws {RangeError} If more votes are needed than a target has witnesses.
 */
export function checkVote(options: VoteOptions): void {
  const { witnesses, quorum, agree = 0 } = resolveVote(options);
  for (const [name, votes] of [["agree", agree], ["quorum", quorum]] as const) {
    if (votes <= witnesses) continue;
    throw new RangeError(`${name} is ${votes}, but a target has ${witnesses} witnesses: use 1 to ${witnesses}`);
  }
}

/**
 * Computes the verdict.
 *
 * @param votes The votes of the present witnesses, in any order.
 * @param options The quorum, and the number of witnesses that must agree.
 * @returns The verdict.
 */
export function judge(votes: readonly Vote[], { quorum, agree }: ResolvedVoteOptions): FleetVerdict {
  const present = votes.length;
  const down = votes.filter(({ state }) => state === "down").length;
  const majority = Math.floor(present / 2) + 1;
  const enough = Math.min(agree ?? majority, present);
  const state = present < quorum ? "unknown" : down >= enough ? "down" : "up";
  const verdict = {
    state,
    agree: state === "unknown" ? 0 : state === "down" ? down : present - down,
    present,
  } as const;
  if (down === 0 || down === present) return verdict;
  const other = state === "down" ? "up" : "down";
  return { ...verdict, dissent: { state: other, zones: zonesOf(votes, other) } };
}

function zonesOf(votes: readonly Vote[], state: Vote["state"]): string[] {
  return [...new Set(votes.filter((vote) => vote.state === state).map(({ zone }) => zone))].sort();
}

/**
 * Describes the agreement of the witnesses.
 *
 * @param verdict The verdict.
 * @returns `"2 of 3 agree: up from eu-2 only"`, `"one witness"`, `"no witness"`.
 */
export function agreementText({ state, agree, present, dissent }: FleetVerdict): string {
  if (present === 0) return "no witness";
  if (present === 1) return "one witness";
  const only = dissent === undefined ? "" : `: ${dissent.state} from ${dissent.zones.join(", ")} only`;
  return state === "unknown" ? `${present} witnesses are too few${only}` : `${agree} of ${present} agree${only}`;
}
