/** A table that compares contestants with one of them. */

import { type Contestant, measureContestant, type Score } from "../harness/contestants.ts";
import { formatNumber, table } from "../harness/numbers.ts";
import { Rounds } from "../harness/rounds.ts";
import type { Setting } from "../harness/setting.ts";

/** The table as Markdown, and its rounds. */
export interface Comparison {
  text: string;
  /** Ratio of the CPU times per check of two contestants; the second is the first contestant by default. */
  cpu(name: string, other?: string): number;
  /** Ratio of the times per check, in the same way. */
  time(name: string, other?: string): number;
}

/**
 * Runs contestants on an open port.
 *
 * @param all The contestants. The others are compared with the first.
 * @param setting The settings of the benchmark.
 */
export async function against(all: Contestant[], setting: Setting): Promise<Comparison> {
  const rounds = await Rounds.run(all, setting.rounds, (contestant) => measureContestant(contestant, "open", setting));
  const [{ name: first }] = all;
  const cpu = (name: string, other = first) => rounds.ratio(name, other, (score: Score) => score.cpu);
  const time = (name: string, other = first) => rounds.ratio(name, other, (score: Score) => 1 / score.rate);
  const rows = all.map(({ name }) => [
    name,
    formatNumber(rounds.median(name, ({ rate }) => rate), 0),
    formatNumber(rounds.median(name, ({ cpu }) => cpu), 1),
    formatNumber(1 / time(name), 2),
    formatNumber(cpu(name), 2),
    setting.isolated ? rounds.valid(name) : "-",
  ]);
  const heading = ["", "checks/s", "CPU us/check", "checks/s : first row", "CPU : first row", "valid"];
  return { text: table([heading, ...rows]), cpu, time };
}
