/** Engine threads: one and two of a checker, beside two checkers. */

import { checkAddr, checkAll, type Contestant, measureContestant, type Score } from "../harness/contestants.ts";
import { formatNumber, table } from "../harness/numbers.ts";
import { Rounds } from "../harness/rounds.ts";
import type { Table } from "../harness/setting.ts";

const rate = (score: Score) => score.rate;
const cpu = (score: Score) => score.cpu;

/** The number of checks in flight, enough for full batches of each thread. */
const CONCURRENCY = 1000;

/** `checkAddr()` and `checkAll()`, each with one thread and with two. */
export const threads: Table = {
  name: "threads",
  title: "Engine threads, port up, 1,000 checks at once",
  async measure(setting) {
    const work = { concurrency: CONCURRENCY };
    const one = checkAddr("checkAddr(), 1 thread", work);
    const two = checkAddr("checkAddr(), 2 threads", { ...work, threads: 2 });
    const checkers = checkAddr("checkAddr(), 2 checkers", { ...work, checkers: 2 });
    const oneAll = checkAll("checkAll(), 1 thread", work);
    const twoAll = checkAll("checkAll(), 2 threads", { ...work, threads: 2 });
    const pairs: [Contestant, Contestant][] = [[one, one], [two, one], [checkers, one], [oneAll, oneAll], [
      twoAll,
      oneAll,
    ]];
    const all = pairs.map(([contestant]) => contestant);
    const rounds = await Rounds.run(
      all,
      setting.rounds,
      (contestant) => measureContestant(contestant, "open", setting),
    );
    const heading = [
      "",
      "checks/s",
      "CPU us/check",
      "JavaScript us/check",
      "checks/s : 1 thread",
      "CPU : 1 thread",
      "valid",
    ];
    const rows = pairs.map(([{ name }, base]) => [
      name,
      formatNumber(rounds.median(name, rate), 0),
      formatNumber(rounds.median(name, cpu), 1),
      formatNumber(rounds.median(name, ({ javascript = NaN }) => javascript), 1),
      formatNumber(rounds.ratio(name, base.name, rate), 2),
      formatNumber(rounds.ratio(name, base.name, cpu), 2),
      setting.isolated ? rounds.valid(name) : "-",
    ]);
    const figures = {
      threadsRate: rounds.ratio(two.name, one.name, rate),
      threadsAllRate: rounds.ratio(twoAll.name, oneAll.name, rate),
      threadsCpu: Math.max(rounds.ratio(two.name, one.name, cpu), rounds.ratio(twoAll.name, oneAll.name, cpu)),
    };
    return { text: table([heading, ...rows]), figures };
  },
};
