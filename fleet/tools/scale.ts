/**
 * Writes docs/scale.md: the computed traffic and storage of fleets of several sizes.
 *
 * Counts come from the assignment, and sizes from encoded sample messages. The memory of a hub is measured with a state
 * of 100,000 targets.
 *
 * Run it with: deno run --allow-read --allow-write=fleet/docs --allow-run --v8-flags=--expose-gc fleet/tools/scale.ts
 */

import { writeDocument } from "../../tools/docs/markdown.ts";
import { Assignment, type Candidate } from "../lib/assignment/rendezvous.ts";
import { shardOf, SHARDS, sliceOf } from "../lib/assignment/shards.ts";
import { formatLine, listed } from "../lib/list/target_line.ts";
import { encode } from "../lib/protocol/codec.ts";
import { LEASE, RENEWALS, SLICES, WITNESSES } from "../lib/protocol/limits.ts";
import type { MinuteRow } from "../lib/protocol/minutes.ts";
import { agentKey, reportsKey } from "../lib/protocol/subjects.ts";
import type { TargetReport } from "../lib/protocol/target_reports.ts";
import { FleetState } from "../lib/vote/fleet_state.ts";

const PAGE = decodeURIComponent(new URL("../docs/scale.md", import.meta.url).pathname);

/** A fleet. */
interface Fleet {
  readonly agents: number;
  readonly zones: number;
  readonly targets: number;
}

const FLEETS: readonly Fleet[] = [
  { agents: 20, zones: 4, targets: 100_000 },
  { agents: 100, zones: 10, targets: 1_000_000 },
  { agents: 1000, zones: 20, targets: 10_000_000 },
];
/** Transitions of a target per day, for the rates of reports and events. */
const TRANSITIONS_PER_DAY = 2;
const DAY = 86_400;
/** Rows in a message of minutes. */
const ROWS = 400;
/** A chunk's mean size: this minimum in bytes, plus the mean number of targets until one ends the chunk. */
const MIN_CHUNK = 64 * 1024;
const CHUNK_TARGETS = 2048;
/** Targets of the state whose memory is measured. */
const MEASURED = 100_000;

const BOOT = "0123456789abcdef";
const DIGEST = BOOT.repeat(4);
const NOW = 1_795_000_000_000;

function idOf(i: number): string {
  return `10.${i >> 16 & 255}.${i >> 8 & 255}.${i & 255}:443`;
}

function reportOf(i: number): TargetReport {
  return [idOf(i), "up", NOW, 1234, 100, null];
}

function leaseOf(targets: number): Uint8Array {
  return encode({ zone: "zone-1", boot: BOOT, epoch: 1, lease: LEASE, version: "0.1.0", list: DIGEST, targets });
}

/** Sizes of messages, in bytes, as agents encode them. */
function sizes() {
  const row: MinuteRow = [idOf(1234), 30, 0, 0, 0.123, 0.234, 0.345];
  const event = {
    ...{ type: "transition", at: NOW, sequence: 1234, id: idOf(1234), target: idOf(1234), group: "", labels: {} },
    ...{ from: "up", to: "down", count: 3, of: 3, duration: 123_456, initial: false },
    result: {
      ...{ status: "refused", code: "ECONNREFUSED", target: { hostname: "10.0.0.1", port: 443 } },
      address: { hostname: "10.0.0.1", port: 443, family: 4 },
      ...{ mode: "half-open", engine: "socket", dnsTime: 0, duration: 0.149149, rtt: 0.123, retransmits: 0 },
    },
  };
  return {
    lease: leaseOf(15_000).length,
    /** Each including its comma. */
    report: encode(reportOf(1234)).length + 1,
    row: encode(row).length + 1,
    event: encode({ boot: BOOT, dropped: 0, events: [event] }).length,
    line: formatLine(listed(idOf(1234))).length + 1,
  };
}

function candidates({ agents, zones }: Fleet): Candidate[] {
  return Array.from({ length: agents }, (_, i) => ({ name: `agent-${i}`, zone: `zone-${i % zones}` }));
}

/** The number of shards of each agent, and the part that moves when an agent joins. */
function shards(fleet: Fleet): { least: number; greatest: number; moved: number } {
  const before = new Assignment(candidates(fleet), WITNESSES);
  const after = new Assignment(candidates({ ...fleet, agents: fleet.agents + 1 }), WITNESSES);
  const counts = new Map<string, number>();
  let moved = 0;
  for (let shard = 0; shard < SHARDS; shard++) {
    const witnesses = before.witnesses(shard);
    for (const name of witnesses) counts.set(name, (counts.get(name) ?? 0) + 1);
    moved += after.witnesses(shard).filter((name) => !witnesses.includes(name)).length;
  }
  const sorted = [...counts.values()].sort((a, b) => a - b);
  return { least: sorted[0], greatest: sorted.at(-1)!, moved: moved / (SHARDS * WITNESSES) };
}

/** The table of all fleets. It depends on no measurement. */
export function scaleTable(): string {
  const size = sizes();
  const columns = FLEETS.map((fleet) => {
    const { agents, zones, targets } = fleet;
    const { least, greatest, moved } = shards(fleet);
    const mean = SHARDS * WITNESSES / agents;
    const reports = targets * WITNESSES;
    const perAgent = reports / agents;
    const renewals = agents * RENEWALS / (LEASE / 1000);
    const transitions = reports * TRANSITIONS_PER_DAY / DAY;
    const slice = perAgent / SLICES * size.report;
    const batches = reports / 60 / ROWS;
    const lists = targets * size.line;
    return [
      count(agents),
      count(zones),
      count(targets),
      `${count(least)} / ${count(mean)} / ${count(greatest)}`,
      count(perAgent),
      `${(moved * 100).toFixed(2)} % (ideal: ${(100 / (agents + 1)).toFixed(2)})`,
      `${count(renewals)}/s, ${bytes(renewals * size.lease)}/s`,
      `${count(renewals * agents)}/s, ${bytes(renewals * agents * size.lease)}/s`,
      `${count(transitions)}/s, ${bytes(transitions * slice)}/s`,
      `${count(transitions)}/s, ${bytes(transitions * size.event)}/s`,
      `${count(batches)}/s, ${bytes(reports / 60 * size.row)}/s`,
      bytes(reports * size.report),
      bytes(reports / 60 * size.row * DAY),
      `${bytes(lists)}, ${count(Math.ceil(lists / (MIN_CHUNK + CHUNK_TARGETS * size.line)))} chunks`,
    ];
  });
  const rows = [
    "agents",
    "zones",
    "targets",
    "shards per agent: least, mean, greatest",
    "targets per agent, mean",
    "assignments that move when an agent joins",
    "leases written",
    "leases read",
    "reports written",
    "events written",
    "minutes written",
    "reports stored",
    "minutes stored per day",
    "target list",
  ];
  return [
    `| | ${FLEETS.map(({ agents }) => `${count(agents)} agents`).join(" | ")} |`,
    `| --- | ${FLEETS.map(() => "---").join(" | ")} |`,
    ...rows.slice(1).map((name, i) => `| ${name} | ${columns.map((column) => column[i + 1]).join(" | ")} |`),
  ].join("\n");
}

/** The memory that a hub's state takes per target, in bytes. */
function memoryPerTarget(): number {
  const collect = (globalThis as { gc?: () => void }).gc;
  if (collect === undefined) throw new Error("The memory can't be measured: add --v8-flags=--expose-gc");
  const used = () => {
    collect();
    return Deno.memoryUsage().heapUsed;
  };
  const before = used();
  const state = new FleetState();
  const slices = Map.groupBy(Array.from({ length: MEASURED }, (_, i) => i), (i) => sliceOf(shardOf(idOf(i))));
  for (let agent = 0; agent < WITNESSES; agent++) {
    const name = `agent-${agent}`;
    state.apply({ key: agentKey(name), data: leaseOf(MEASURED), time: NOW });
    for (const [slice, ids] of slices) {
      const data = encode({ boot: BOOT, epoch: 1, reports: ids.map(reportOf) });
      state.apply({ key: reportsKey(name, slice), data, time: NOW });
    }
  }
  slices.clear();
  const after = used();
  if (state.verdict(idOf(0)).present !== WITNESSES) throw new Error("The state lacks votes: the sample is invalid");
  return (after - before) / MEASURED;
}

function count(value: number): string {
  return value < 10 && !Number.isInteger(value) ? value.toFixed(1) : Math.round(value).toLocaleString("en-US");
}

function bytes(value: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(value) / 3)));
  return `${count(value / 1000 ** power)} ${units[power]}`;
}

function page(memory: number): string {
  const { lease, report, row, event, line } = sizes();
  return `# Scale

Computed traffic and storage of fleets of three sizes. \`fleet/tools/scale.ts\` writes this page. It uses the real
assignment and encoded messages: a lease has ${lease} bytes, a report ${report}, a row of minutes ${row}, a message with one
event ${event}, a target in the list ${line}. Each target has ${WITNESSES} witnesses and ${TRANSITIONS_PER_DAY} transitions per
day; leases last ${LEASE / 1000} s and are renewed ${RENEWALS} times in that time; a message of minutes has ${
    count(ROWS)
  } rows.

${scaleTable()}

The state of a hub takes ${count(memory)} bytes per target (measured by scale.ts with ${count(MEASURED)} targets): ${
    FLEETS.map(({ targets }) => `${bytes(targets * memory)} for ${count(targets)}`).join(", ")
  }. Ten million targets would need a hub that is split by slices, which is not implemented. \`fleet apply\` rejects a
list of more than about 1.2 million targets with short ids, because the last present agent reports on all targets, and
the reports on a slice are one message of at most 512 KiB.

## Measured

[measure_scale.ts](../tools/measure_scale.ts) runs a fleet as processes on one machine, with agents that answer checks
themselves. With 100,000 targets checked once a minute, and 20 agents in 4 zones, on 2 cores (2026-11-29):

| what                                                             | measured                       |
| ---------------------------------------------------------------- | ------------------------------ |
| time until each target has 3 votes, from the start of the agents | 85 s, of which 60 the interval |
| agent killed with SIGKILL, time until each target has 3 votes    | 26 s                           |
| list with one more target, time until all agents have it         | 7.9 s                          |
| verdicts other than "up" in all that time                        | 0                              |
| targets per agent                                                | 14,668 to 15,352               |
| memory of an agent, the hub, the NATS server                     | 108 to 121, 480, 154 MB        |
| CPU of all agents, the hub, the NATS server, in cores            | 0.64, 0.07, 0.02               |
| minutes stored, per target, witness and minute                   | 40 bytes                       |

## Growth

- **Leases read**: each agent reads every lease, so the number grows with the square of the agents. A lease of 60 s
  (\`tcp-checker monitor --lease 60s\`) instead of 10 s divides it by six.
- **Minutes**: the stream keeps 4 GB by default, so with ten million targets a hub loses minutes if it is disconnected
  for more than a few minutes. The stream only transports minutes; the hubs store them.
- **Target list**: each agent reads the changed chunks, and at its first start the whole list.
`;
}

if (import.meta.main) await writeDocument(PAGE, page(memoryPerTarget()));
