/** Options of fleets: of their agents and hubs, and of the mode `fleet`. */

import type { Flag } from "./flag.ts";
import { COUNT, text, TIME } from "./values.ts";

/** The options, by their long names. */
export const FLEET_FLAGS = {
  "fleet": {
    value: text("URL"),
    multiple: true,
    modes: ["monitor", "fleet", "hub"],
    group: "Options of fleets",
    help: "a NATS server: nats://HOST:PORT, tls://, ws:// or wss://",
  },
  "agent": {
    value: text("NAME"),
    modes: ["monitor"],
    group: "Options of monitor in a fleet",
    help: "unique name of this agent",
  },
  "zone": {
    value: text("NAME"),
    modes: ["monitor"],
    group: "Options of monitor in a fleet",
    help: "location of this agent; witnesses of a target are from different zones",
  },
  "outbox": {
    value: text("FILE"),
    isPath: true,
    modes: ["monitor"],
    group: "Options of monitor in a fleet",
    help: "keep unsent messages and the target list in FILE (default: memory)",
  },
  "lease": {
    value: TIME,
    modes: ["monitor", "hub"],
    group: "Options of fleets",
    help: "this process is absent without a renewal within TIME (default: 10s)",
  },
  "seed-file": {
    value: text("FILE"),
    isPath: true,
    modes: ["monitor", "fleet", "hub"],
    group: "Options of fleets",
    help: "secret key (seed of an nkey), written by fleet nats-config",
  },
  "ca": {
    value: text("FILE"),
    isPath: true,
    modes: ["monitor", "fleet", "hub"],
    group: "Options of fleets",
    help: "trust only the CA certificates in FILE (PEM), for tls://",
  },

  "hub": {
    value: text("NAME"),
    modes: ["hub"],
    group: "Options of hub",
    help: "unique name of this hub (default: hub)",
  },
  "dry-run": { modes: ["fleet"], group: "Options of fleet", help: "apply: show the difference, and change nothing" },
  "allow-empty": {
    modes: ["fleet"],
    group: "Options of fleet",
    help: "apply: accept a list without targets, which removes all targets",
  },
  "yes": { short: "y", modes: ["fleet"], group: "Options of fleet", help: "apply: do not ask for confirmation" },
  "witnesses": {
    value: COUNT,
    modes: ["fleet"],
    group: "Options of fleet",
    help: "apply: agents per target, from different zones (default: 3)",
  },
  "agree": {
    value: COUNT,
    modes: ["fleet"],
    group: "Options of fleet",
    help: "apply: votes for down, or all if there are fewer (default: majority)",
  },
  "quorum": {
    value: COUNT,
    modes: ["fleet"],
    group: "Options of fleet",
    help: "apply: votes that a verdict needs (default: 2; with one witness 1)",
  },
  "copies": {
    value: COUNT,
    modes: ["fleet"],
    group: "Options of fleet",
    help: "apply: stream replicas, 3 in a cluster (default: 1 or unchanged)",
  },
  "agents": {
    value: text("FILE"),
    isPath: true,
    modes: ["fleet"],
    group: "Options of fleet",
    help: "nats-config: read the agents' names, one per line",
  },
  "hub-name": {
    value: text("NAME"),
    multiple: true,
    modes: ["fleet"],
    group: "Options of fleet",
    help: "nats-config: name of a hub; may be repeated (default: hub)",
  },
  "output": {
    value: text("DIR"),
    isPath: true,
    modes: ["fleet"],
    group: "Options of fleet",
    help: "nats-config: directory for nats.conf and the keys (default: .)",
  },
  "nats-listen": {
    value: text("ADDRESS"),
    modes: ["fleet"],
    group: "Options of fleet",
    help: "nats-config: listen address of the server (default: 127.0.0.1:4222)",
  },
  "storage": {
    value: text("DIR"),
    isPath: true,
    modes: ["fleet"],
    group: "Options of fleet",
    help: "nats-config: storage directory (default: /var/lib/nats)",
  },
  "tls-cert": {
    value: text("FILE"),
    isPath: true,
    modes: ["fleet"],
    group: "Options of fleet",
    help: "nats-config: certificate of the server, a path on its host",
  },
  "tls-key": {
    value: text("FILE"),
    isPath: true,
    modes: ["fleet"],
    group: "Options of fleet",
    help: "nats-config: private key of the certificate",
  },
  "server-name": {
    value: text("NAME"),
    modes: ["fleet"],
    group: "Options of fleet",
    help: "nats-config: name of this server in its cluster; writes NAME.conf",
  },
  "cluster": {
    value: text("ADDRESS"),
    modes: ["fleet"],
    group: "Options of fleet",
    help: "nats-config: listen address for the other servers of the cluster",
  },
  "route": {
    value: text("ADDRESS"),
    multiple: true,
    modes: ["fleet"],
    group: "Options of fleet",
    help: "nats-config: --cluster address of a server; give one per server",
  },
  "tls-ca": {
    value: text("FILE"),
    isPath: true,
    modes: ["fleet"],
    group: "Options of fleet",
    help: "nats-config: CA of the cluster's certificates",
  },
} as const satisfies Record<string, Flag>;
