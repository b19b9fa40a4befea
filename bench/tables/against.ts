/** A small table of contestants that are compared with one of them. */

import { type Contestant, play, type Score } from "../contestants.ts";
import { shown, table } from "../numbers.ts";
import { Rounds } from "../rounds.ts";
import type { Setting } from "../setting.ts";

/** What it says, and what stands behind it. */
export interface Comparison {
  text: string;
  /** CPU time a check of a contestant over that of another, which is the first if it is not said. */
  cpu(name: string, other?: string): number;
  /** Time a check, in the same way. */
  time(name: string, other?: string): number;
}

/**
 * Has contestants check a port that is up.
 *
 * @param all Who takes part. The others are compared with the first.
 * @param setting How often, and how much.
 */
export async function against(all: Contestant[], setting: Setting): Promise<Comparison> {
  const rounds = await Rounds.play(all, setting.rounds, (contestant) => play(contestant, "open", setting));
  const [{ name: first }] = all;
  const cpu = (name: string, other = first) => rounds.ratio(name, other, (score: Score) => score.cpu);
  const time = (name: string, other = first) => rounds.ratio(name, other, (score: Score) => 1 / score.rate);
  const rows = all.map(({ name }) => [
    name,
    shown(rounds.median(name, ({ rate }) => rate), 0),
    shown(rounds.median(name, ({ cpu }) => cpu), 1),
    shown(1 / time(name), 2),
    shown(cpu(name), 2),
    setting.isolated ? rounds.valid(name) : "-",
  ]);
  const heading = ["", "checks/s", "CPU us/check", "checks/s : first row", "CPU : first row", "valid"];
  return { text: table([heading, ...rows]), cpu, time };
}
