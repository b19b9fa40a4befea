/** Checks a second, and CPU time a check. */

import type { Run } from "./arena.ts";
import { type Contestant, PEER, type Port, warmUp } from "./contestants.ts";
import type { Setting } from "./environment.ts";
import { median, shown, table } from "./table.ts";
import { turn } from "./turn.ts";

/** What one contestant did in one round. */
interface Score {
  /** Checks a second. */
  rate: number;
  /** Microseconds a check. */
  cpu: number;
}

/**
 * Has all contestants take turns, and compares them.
 *
 * @param all The contestants.
 * @param port Which port they check.
 * @param setting How often, and how much.
 * @returns A Markdown table.
 */
export async function speedTable(all: Contestant[], port: Port, setting: Setting): Promise<string> {
  const rounds: Map<string, Score>[] = [];
  for (let round = 0; round < setting.rounds; round++) {
    const scores = new Map<string, Score>();
    // Every second round goes backwards, so that a machine that warms up favours nobody.
    for (const contestant of round % 2 === 0 ? all : all.toReversed()) {
      const score = await play(contestant, port, setting);
      if (score !== undefined) scores.set(contestant.name, score);
    }
    rounds.push(scores);
  }
  const heading = ["", "checks/s", "CPU us/check", "checks/s : tcp-shaker", "CPU : tcp-shaker", "valid"];
  return table([heading, ...all.map((contestant) => row(contestant, rounds, setting))]);
}

/** One turn of one contestant; nothing when it is void. */
async function play(contestant: Contestant, port: Port, setting: Setting): Promise<Score | undefined> {
  const checks = Math.round(contestant.checks * setting.scale);
  const run = await turn(contestant.job(checks, port), setting);
  const { seconds, cpuMicros } = contestant.read(run, checks, port);
  if (contestant.halfOpen && !isHalfOpen(run, contestant.name === PEER ? checks : checks + warmUp(checks), port)) {
    console.error(`Void, ${contestant.name}: ${checks} checks, and the kernel counted`, run.counted);
    return undefined;
  }
  return { rate: checks / seconds, cpu: cpuMicros / checks };
}

/** Whether the kernel counted SYN, SYN-ACK and RST (or SYN and RST) a check, and nobody could accept. */
function isHalfOpen({ counted }: Run, checks: number, port: Port): boolean {
  if (counted === undefined) return true;
  const segments = checks * (port === "open" ? 3 : 2);
  return counted.OutSegs === segments && counted.InSegs === segments && counted.PassiveOpens === 0 &&
    counted.ActiveOpens === checks && counted.OutRsts === checks;
}

function row({ name, halfOpen }: Contestant, rounds: Map<string, Score>[], { isolated }: Setting): string[] {
  const own = rounds.flatMap((scores) => scores.get(name) ?? []);
  // Compared round by round: what slows the machine down for a while slows both down.
  const ratios = rounds.flatMap((scores) => {
    const [score, peer] = [scores.get(name), scores.get(PEER)];
    return score && peer ? { rate: score.rate / peer.rate, cpu: score.cpu / peer.cpu } : [];
  });
  return [
    name,
    shown(median(own.map(({ rate }) => rate)), 0),
    shown(median(own.map(({ cpu }) => cpu)), 1),
    shown(median(ratios.map(({ rate }) => rate)), 2),
    shown(median(ratios.map(({ cpu }) => cpu)), 2),
    halfOpen && isolated ? `${own.length} of ${rounds.length}` : "-",
  ];
}
