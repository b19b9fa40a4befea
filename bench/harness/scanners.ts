/** The scanners: their commands, and the parsers of their reports. Each sends one SYN per target. */

import type { Job } from "./trial_process.ts";
import { denoArgs } from "./contestants.ts";
import { DEVICE, ROUTER, SOURCE } from "./lab.ts";
import type { Programs } from "./programs.ts";
import type { ScanNetwork, Verdict } from "../networks/scan_network.ts";

/** A scanner. */
export interface Scanner {
  readonly name: string;
  /** The command; it prints its whole report to stdout. */
  job(network: ScanNetwork): Pick<Job, "command" | "args">;
  /** Parses its report: "address:port", and the scanner's word for the verdict. */
  read(report: string): Iterable<[target: string, word: string]>;
  /** The scanner's words for the verdicts. */
  readonly words: Record<Verdict, string>;
}

/** SYNs per second: the maximum; for nmap the minimum. */
const RATE = 100_000;
/** The wait for answers, in s. */
const WAIT = 1;

/** This module. */
export const OURS: Scanner = {
  name: "checkAll(), raw",
  job: ({ prefix, addresses, ports }) => ({
    command: Deno.execPath(),
    args: [
      ...denoArgs("scan.ts"),
      prefix.split("/")[0],
      `${addresses}`,
      `${RATE}`,
      `${1000 * WAIT}`,
      ...ports.map(String),
    ],
  }),
  read: (report) => lines(report, /^([\d.]+:\d+) (\w+)$/gm),
  words: { up: "up", refused: "refused" },
};

/** The other scanners that are installed. */
export function scanners({ nmap, masscan, zmap }: Programs): Scanner[] {
  return [
    nmap === undefined ? [] : nmapScanner(nmap),
    masscan === undefined ? [] : masscanScanner(masscan),
    zmap === undefined ? [] : zmapScanner(zmap),
  ].flat();
}

/** The verdicts of a scanner. */
export function verdicts({ read, words }: Scanner, report: string): Map<string, Verdict> {
  const verdicts = new Map<string, Verdict>();
  for (const [target, word] of read(report)) {
    if (word === words.up) verdicts.set(target, "up");
    if (word === words.refused) verdicts.set(target, "refused");
  }
  return verdicts;
}

function nmapScanner(command: string): Scanner {
  return {
    name: "nmap",
    job: ({ prefix, ports }) => ({
      command,
      args: ["-sS", "-n", "-Pn", `-p${ports}`, `--min-rate=${RATE}`, "--max-retries=0", "-oG", "-", prefix],
    }),
    *read(report) {
      for (const [, address, ports] of report.matchAll(/^Host: ([\d.]+) .*Ports: (.*)$/gm)) {
        for (const [, port, word] of ports.matchAll(/(\d+)\/(\w+)\/tcp/g)) yield [`${address}:${port}`, word];
      }
    },
    words: { up: "open", refused: "closed" },
  };
}

function masscanScanner(command: string): Scanner {
  return {
    name: "masscan",
    job: ({ prefix, ports }) => ({
      command,
      args: [
        ...[`-p${ports}`, `--rate=${RATE}`, `--wait=${WAIT}`, "--retries=0", "--show=open,closed", "-oL", "-"],
        ...["-e", DEVICE, `--adapter-ip=${SOURCE}`, `--router-mac=${ROUTER.mac.replaceAll(":", "-")}`, prefix],
      ],
    }),
    *read(report) {
      for (const [, word, port, address] of report.matchAll(/^(\w+) tcp (\d+) ([\d.]+) /gm)) {
        yield [`${address}:${port}`, word];
      }
    },
    words: { up: "open", refused: "closed" },
  };
}

/** zmap scans one port per run, so it runs once per port. */
function zmapScanner(command: string): Scanner {
  return {
    name: "zmap",
    job: ({ prefix, ports }) => ({
      command: "sh",
      args: [
        ...["-c", `for port in ${ports.join(" ")}; do "$@" -p$port || exit; done`, "sh", command],
        ...[`-r${RATE}`, `-c${WAIT}`, "-q", "-v0", "--disable-syslog", "-Ocsv", "-o-"],
        ...["-f", "saddr,sport,classification", "--output-filter", "repeat = 0"],
        // zmap's default list excludes addresses that are not on the Internet.
        ...["-b", "/dev/null", `-i${DEVICE}`, `-S${SOURCE}`, `-G${ROUTER.mac}`, prefix],
      ],
    }),
    *read(report) {
      for (const [, address, port, word] of report.matchAll(/^([\d.]+),(\d+),(\w+)$/gm)) {
        yield [`${address}:${port}`, word];
      }
    },
    words: { up: "synack", refused: "rst" },
  };
}

function* lines(report: string, line: RegExp): Generator<[string, string]> {
  for (const [, target, word] of report.matchAll(line)) yield [target, word];
}
