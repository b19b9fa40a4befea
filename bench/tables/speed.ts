/** Checks per second, and CPU time per check. */

import {
  bareLoop,
  BASELINE,
  checkAddr,
  checkAll,
  type Contestant,
  denoConnect,
  measureContestant,
  type Port,
  type Score,
  tcpShaker,
} from "../harness/contestants.ts";
import { formatNumber, table } from "../harness/numbers.ts";
import { Rounds } from "../harness/rounds.ts";
import type { Setting, Table } from "../harness/setting.ts";

const rate = (score: Score) => score.rate;
const cpu = (score: Score) => score.cpu;

/** All contestants on an open port. */
export const portUp: Table = {
  name: "up",
  title: "Port up, 100 checks at once",
  async measure(setting) {
    const { us, bare, connect, rounds, text } = await compare("open", setting);
    return {
      text,
      figures: {
        rateToBare: rounds.ratio(us, bare, rate),
        rateToPeer: rounds.ratio(us, BASELINE, rate),
        cpuToPeer: rounds.ratio(us, BASELINE, cpu),
        rateToConnect: rounds.ratio(us, connect, rate),
      },
    };
  },
};

/** All contestants on a closed port. */
export const portClosed: Table = {
  name: "closed",
  title: "Port closed, 100 checks at once",
  async measure(setting) {
    const { us, rounds, text } = await compare("closed", setting);
    return { text, figures: { closedRateToPeer: rounds.ratio(us, BASELINE, rate) } };
  },
};

async function compare(port: Port, setting: Setting) {
  const [us, bare, connect] = [checkAddr(), bareLoop(setting.programs), denoConnect()];
  const all = [us, checkAll(), bare, ...tcpShaker(setting.programs), connect];
  const rounds = await Rounds.run(all, setting.rounds, (contestant) => measureContestant(contestant, port, setting));
  const heading = ["", "checks/s", "CPU us/check", "checks/s : tcp-shaker", "CPU : tcp-shaker", "valid"];
  const row = ({ name, halfOpen }: Contestant) => [
    name,
    formatNumber(rounds.median(name, rate), 0),
    formatNumber(rounds.median(name, cpu), 1),
    formatNumber(rounds.ratio(name, BASELINE, rate), 2),
    formatNumber(rounds.ratio(name, BASELINE, cpu), 2),
    halfOpen && setting.isolated ? rounds.valid(name) : "-",
  ];
  return { us: us.name, bare: bare.name, connect: connect.name, rounds, text: table([heading, ...all.map(row)]) };
}
