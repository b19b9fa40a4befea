/** Speed and correctness of scanners on the same targets. */

import { runLabTrial, whyNoLab } from "../harness/lab.ts";
import { formatNumber, table } from "../harness/numbers.ts";
import { Rounds } from "../harness/rounds.ts";
import { ScanNetwork } from "../networks/scan_network.ts";
import { OURS, type Scanner, scanners, verdicts } from "../harness/scanners.ts";
import type { Setting, Table } from "../harness/setting.ts";

/** The result of one trial. */
interface Scan {
  /** Targets per second, from the start of the process to its end. */
  rate: number;
  /** CPU time per target, in microseconds. */
  cpu: number;
  /** CPU time of the lab, which runs on the same cores. */
  lab: number;
  /** Wrong verdicts. */
  wrong: number;
}

const TARGETS = 2 ** 16;
/** Ports per address; zmap is made for one. */
const PORTS = [1, 8];

/** Runs each scanner alone in the lab. */
export const scan: Table = {
  name: "scanners",
  title: "Scanners, half of the targets silent",
  isolated: true,
  async measure(setting) {
    const why = await whyNoLab();
    if (why !== undefined) return { text: `Left out: there can be no lab here: ${why}` };
    const targets = setting.scale < 1 ? TARGETS / 8 : TARGETS;
    const texts: string[] = [];
    const scans: Rounds<Scan>[] = [];
    for (const ports of PORTS) {
      const { text, rounds } = await compare(new ScanNetwork(targets / ports, ports), setting);
      texts.push(text);
      scans.push(rounds);
    }
    const faster = (name: string) =>
      Math.min(...scans.map((rounds) => rounds.ratio(OURS.name, name, ({ rate }) => rate)));
    return {
      text: texts.join("\n\n"),
      figures: {
        scanToNmap: faster("nmap"),
        scanToMasscan: faster("masscan"),
        scanToZmap: faster("zmap"),
        scanWrong: Math.max(...scans.map((rounds) => rounds.max(OURS.name, ({ wrong }) => wrong))),
      },
    };
  },
};

async function compare(network: ScanNetwork, setting: Setting): Promise<{ text: string; rounds: Rounds<Scan> }> {
  const all = [OURS, ...scanners(setting.programs)];
  const rounds = await Rounds.run(all, setting.rounds, (scanner) => runScan(scanner, network));
  const { addresses, ports } = network;
  const heading = [
    `${formatNumber(addresses, 0)} addresses, ${ports.length} ${ports.length === 1 ? "port" : "ports"} of each`,
    ...["targets/s", "CPU us/target", "the lab's CPU", "targets/s : first row", "wrong, at most"],
  ];
  const rows = all.map(({ name }) => [
    name,
    formatNumber(rounds.median(name, ({ rate }) => rate), 0),
    formatNumber(rounds.median(name, ({ cpu }) => cpu), 1),
    formatNumber(rounds.median(name, ({ lab }) => lab), 1),
    formatNumber(rounds.ratio(name, OURS.name, ({ rate }) => rate), 2),
    formatNumber(rounds.max(name, ({ wrong }) => wrong), 0),
  ]);
  return { text: table([heading, ...rows]), rounds };
}

async function runScan(scanner: Scanner, network: ScanNetwork): Promise<Scan> {
  const { output, seconds, cpuMicros, labMicros = NaN } = await runLabTrial(scanner.job(network), network.rules);
  return {
    rate: network.size / seconds,
    cpu: cpuMicros / network.size,
    lab: labMicros / network.size,
    wrong: network.wrong(verdicts(scanner, output)),
  };
}
