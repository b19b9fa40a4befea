/** Options of the modes `monitor`, `watch`, `hub` and `history`. */

import type { Flag } from "./flag.ts";
import { COUNT, INSTANT, text, TIME } from "./values.ts";

/** The options, by their long names. */
export const MONITOR_FLAGS = {
  "rise": {
    value: COUNT,
    modes: ["watch", "monitor"],
    group: "Options of watch and monitor",
    help: "successes in a row that make a target up (default: 2)",
  },
  "fall": {
    value: COUNT,
    modes: ["watch", "monitor"],
    group: "Options of watch and monitor",
    help: "failures in a row that make a target down (default: 3)",
  },
  "fast-interval": {
    value: TIME,
    modes: ["watch", "monitor"],
    group: "Options of watch and monitor",
    help: "interval while a change of state is pending (default: --interval)",
  },
  "down-interval": {
    value: TIME,
    modes: ["watch", "monitor"],
    group: "Options of watch and monitor",
    help: "interval while a target is down (default: --interval)",
  },
  "exec": {
    value: text("PROGRAM"),
    isPath: true,
    modes: ["monitor"],
    group: "Options of monitor",
    help: "run PROGRAM for each change, with the event on its stdin",
  },
  "config": {
    value: text("FILE"),
    isPath: true,
    modes: ["monitor", "hub"],
    group: "Options of monitor and hub",
    help: "read targets, options and sinks from a YAML file; SIGHUP reads it again",
  },
  "listen": {
    value: text("ADDRESS"),
    modes: ["monitor", "hub"],
    group: "Options of monitor and hub",
    help: "serve metrics, health and probes at ADDRESS, such as 127.0.0.1:9116",
  },
  "database": {
    value: text("FILE"),
    isPath: true,
    modes: ["monitor", "hub", "history"],
    group: "Options of monitor, hub and history",
    help: "store the history in FILE (SQLite); a restart restores its states",
  },
  "from": {
    value: INSTANT,
    modes: ["history"],
    group: "Options of history",
    help: "start of the report (default: start of the history)",
  },
  "to": {
    value: INSTANT,
    modes: ["history"],
    group: "Options of history",
    help: "end of the report (default: end of the history)",
  },
  "uptime": {
    modes: ["history"],
    group: "Options of history",
    help: "print uptime per month (UTC) instead of outages",
  },
  "check-config": {
    modes: ["monitor", "hub"],
    group: "Options of monitor and hub",
    help: "read the file of --config, print its problems, and exit",
  },
} as const satisfies Record<string, Flag>;
