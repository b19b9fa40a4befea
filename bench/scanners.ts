/** Who scans a network, how each is started, and how its report is read. Each sends one SYN a target. */

import type { Job } from "./arena.ts";
import { denoArgs } from "./contestants.ts";
import { DEVICE, ROUTER, SOURCE } from "./lab.ts";
import type { Programs } from "./programs.ts";
import type { ScanNetwork, Verdict } from "./scan_network.ts";

/** One that scans. */
export interface Scanner {
  readonly name: string;
  /** How to run it: all of its report goes to stdout. */
  job(network: ScanNetwork): Pick<Job, "command" | "args">;
  /** What its report says: "address:port", and what it calls the verdict. */
  read(report: string): Iterable<[target: string, word: string]>;
  /** What it calls them. */
  readonly words: Record<Verdict, string>;
}

/** SYNs a second: the most, or what nmap calls the least. */
const RATE = 100_000;
/** For how long answers are waited for, in s. */
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

/** The others, as far as they are there. */
export function scanners({ nmap, masscan, zmap }: Programs): Scanner[] {
  return [
    nmap === undefined ? [] : nmapScanner(nmap),
    masscan === undefined ? [] : masscanScanner(masscan),
    zmap === undefined ? [] : zmapScanner(zmap),
  ].flat();
}

/** What a scanner has told. */
export function verdicts({ read, words }: Scanner, report: string): Map<string, Verdict> {
  const told = new Map<string, Verdict>();
  for (const [target, word] of read(report)) {
    if (word === words.up) told.set(target, "up");
    if (word === words.refused) told.set(target, "refused");
  }
  return told;
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

/** It scans one port, so there is one after the other. */
function zmapScanner(command: string): Scanner {
  return {
    name: "zmap",
    job: ({ prefix, ports }) => ({
      command: "sh",
      args: [
        ...["-c", `for port in ${ports.join(" ")}; do "$@" -p$port || exit; done`, "sh", command],
        ...[`-r${RATE}`, `-c${WAIT}`, "-q", "-v0", "--disable-syslog", "-Ocsv", "-o-"],
        ...["-f", "saddr,sport,classification", "--output-filter", "repeat = 0"],
        // Its own list forbids what is not on the Internet.
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
