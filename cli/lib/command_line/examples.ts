/** Examples of command lines, for the help and the man page. */

import type { Mode } from "../mode.ts";

/** A command line, and its purpose. */
export interface Example {
  readonly line: string;
  readonly purpose: string;
  readonly mode: Mode;
}

/** The examples that the help starts with. */
export const FIRST_EXAMPLES: readonly Example[] = [
  { mode: "check", line: "tcp-checker example.com:443", purpose: "check a target" },
  {
    mode: "check",
    line: "tcp-checker 192.0.2.1:22,80,8000-8100 198.51.100.0/28:443",
    purpose: "check ports of a host, and a network",
  },
  { mode: "check", line: "tcp-checker -p 443 -f hosts.txt", purpose: "check the hosts of a file" },
  { mode: "check", line: "tcp-checker --explain example.com:443", purpose: "show what was sent and received" },
  {
    mode: "ping",
    line: "tcp-checker -i 1s -n 10 example.com:443",
    purpose: "check ten times, print loss and round-trip times",
  },
  {
    mode: "wait",
    line: "tcp-checker wait --deadline 2m db:5432 cache:6379 -- ./server",
    purpose: "start a server when its services are up",
  },
  { mode: "wait", line: "tcp-checker wait --expect down localhost:8080", purpose: "wait until a server has stopped" },
  {
    mode: "watch",
    line: "tcp-checker watch db:5432 cache:6379 web:80",
    purpose: "show verdicts live on a full screen",
  },
  {
    mode: "monitor",
    line: "tcp-checker monitor --exec ./notify db:5432 cache:6379",
    purpose: "run a program when a target goes down or comes up",
  },
  {
    mode: "scan",
    line: "tcp-checker scan --open --rate 1000 198.51.100.0/24:22,443",
    purpose: "find the open ports of a network",
  },
];

/** All examples. */
export const EXAMPLES: readonly Example[] = [
  ...FIRST_EXAMPLES,
  {
    mode: "check",
    line: "tcp-checker --nagios --min-up 2 web1:443 web2:443 web3:443",
    purpose: "run as a Nagios plugin, and warn if one of three targets is down",
  },
  { mode: "summary", line: "tcp-checker -a example.com:443 -n 100 -c 10", purpose: "make 100 checks, 10 at once" },
  { mode: "wait", line: "tcp-checker wait --any db1:5432 db2:5432", purpose: "wait until one target is up" },
  { mode: "watch", line: "tcp-checker watch -i 5s --sort rtt -f hosts.txt", purpose: "show the slowest targets first" },
  {
    mode: "monitor",
    line: "tcp-checker monitor --fall 5 --interval 1s db:5432",
    purpose: "report a target that fails five times in a row",
  },
  {
    mode: "monitor",
    line: "tcp-checker monitor --config monitor.yaml",
    purpose: "read targets, options and alerts from a file",
  },
  {
    mode: "monitor",
    line: "tcp-checker monitor --database history.db db:5432 cache:6379",
    purpose: "store a history, which a restart continues",
  },
  {
    mode: "history",
    line: "tcp-checker history --database history.db --from 2026-11-01 --to 2026-12-01 --csv",
    purpose: "export the outages of November",
  },
  {
    mode: "history",
    line: "tcp-checker history --database history.db --uptime db:5432",
    purpose: "print the uptime of a target per month",
  },
  {
    mode: "hub",
    line: "tcp-checker hub --fleet nats://nats.example:4222 --seed-file hub.nk --config hub.yml",
    purpose: "compute the verdicts of a fleet, and notify through the sinks in a file",
  },
  {
    mode: "fleet",
    line: "tcp-checker fleet apply --fleet nats://nats.example:4222 --seed-file admin.nk targets.yaml",
    purpose: "distribute the targets of a file among all agents of a fleet",
  },
  {
    mode: "fleet",
    line: "tcp-checker fleet nats-config --agents agents.txt --output nats",
    purpose: "write the configuration of a NATS server, with a key per agent",
  },
  {
    mode: "scan",
    line: "tcp-checker scan --exclude-file leave-alone.txt --json 198.51.100.0/24:443",
    purpose: "exclude hosts, print JSON",
  },
  {
    mode: "scan",
    line: "tcp-checker scan --engine raw --rate 2000 -p 443 --csv 198.51.100.0/24",
    purpose: "scan a large network with raw packets",
  },
];
