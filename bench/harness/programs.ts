/** The programs that the benchmark runs beside Deno. */

import { UNSHARE } from "./environment.ts";
import { canRun } from "./can_run.ts";

/** Paths, or names on the `PATH`, of the programs found. */
export type Programs =
  & { readonly bareLoop: string; readonly bareRaw: string; readonly inFlight: string }
  & { readonly [name in ProgramName]?: string };

/** An optional program. */
export type ProgramName = keyof typeof OPTIONAL;

interface Optional {
  /** Its name in reports. */
  title: string;
  command: string;
  /** The environment variable with its path. */
  variable?: string;
  /** Arguments with which it exits at once, with success if it works here. */
  args: string[];
  /** The hint if it is missing, with the way to install it. */
  lacking: string;
}

const OPTIONAL = {
  tcpShaker: {
    title: "tcp-shaker",
    command: "tcp-checker",
    variable: "TCP_CHECKER",
    args: ["-h"],
    lacking: "it was found neither through the variable TCP_CHECKER nor as tcp-checker on the PATH. " +
      "Install it with: go install github.com/tevino/tcp-shaker/cmd/tcp-checker@latest",
  },
  haproxy: onPath("HAProxy", "haproxy", ["-v"]),
  tcpdump: onPath("The time from SYN to SYN", "tcpdump", ["-i", "lo", "-L"]),
  nmap: onPath("nmap", "nmap", ["--version"]),
  masscan: onPath("masscan", "masscan", ["--iflist"]),
  zmap: onPath("zmap", "zmap", ["--version"]),
  blackbox: onPath("blackbox_exporter", "prometheus-blackbox-exporter", ["--version"]),
} as const satisfies Record<string, Optional>;

/**
 * Finds the programs that work here. The bare loops are built by `deno task bench`.
 *
 * @param isolated Whether they run in network namespaces.
 */
export async function findPrograms(isolated: boolean): Promise<Programs> {
  const there = isolated ? [...UNSHARE, "sh", "-c", 'ip link set lo up && exec "$@"', "sh"] : [];
  const found: Record<string, string> = {};
  for (const [name, { command, args, variable }] of Object.entries<Optional>(OPTIONAL)) {
    const path = (variable && Deno.env.get(variable)) ?? command;
    if (await canRun(...there, path, ...args)) found[name] = path;
  }
  return {
    bareLoop: example("bare_loop"),
    bareRaw: example("bare_raw"),
    inFlight: example("in_flight"),
    ...found,
  };
}

/** Names the missing programs: one sentence per program. */
export function missingPrograms(programs: Programs): string[] {
  return Object.entries<Optional>(OPTIONAL)
    .filter(([name]) => programs[name as ProgramName] === undefined)
    .map(([, { title, lacking }]) => `${title} is left out: ${lacking}`);
}

function onPath(title: string, command: string, args: string[]): Optional {
  return {
    title,
    command,
    args,
    lacking: `${command} was not found on the PATH, or can't be run. It is Debian's package ${command}`,
  };
}

function example(name: string): string {
  return decodeURIComponent(new URL(`../../target/release/examples/${name}`, import.meta.url).pathname);
}
