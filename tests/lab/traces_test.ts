/** The packet traces of docs/half-open.md, compared with the wire. */

import { assert, assertEquals } from "@std/assert";
import type { CheckResult } from "../../mod.ts";
import { type Behaviour, listening, refusing, type Reply, silent } from "../support/behaviour.ts";
import { labTest } from "../support/lab.ts";
import { outcome } from "../support/outcome.ts";

/** A network with a trace on the page. */
interface Network {
  behaviour: Behaviour;
  timeout?: number;
  outcome: string;
  mode?: CheckResult["mode"];
  /** The number of such hosts. If the order of segments is a race, one host must match the trace. */
  hosts?: number;
}

const synAck = (after: number): Reply => ({ send: { kind: "syn-ack" }, after });

/** In the order of the page. */
const NETWORKS: Network[] = [
  { behaviour: listening(5), outcome: "up" },
  { behaviour: refusing(5), outcome: "refused ECONNREFUSED" },
  { behaviour: silent, timeout: 1300, outcome: "timeout" },
  { behaviour: { wakesAfter: 1500, replies: [synAck(0)] }, timeout: 3000, outcome: "up" },
  { behaviour: { replies: [synAck(5), synAck(5)] }, outcome: "up", mode: "full", hosts: 100 },
];

/** Time for late segments to reach the lab. */
const LAST = { target: "198.19.0.1:80", options: { timeout: 3000 } };

/** How tcpdump shows flags. */
const KINDS: Record<string, string> = { "S": "SYN", "S.": "SYN-ACK", "R": "RST", "R.": "RST", ".": "ACK" };

labTest("the traces in docs/half-open.md match the wire", async (lab, test) => {
  const page = await Deno.readTextFile(new URL("../../docs/half-open.md", import.meta.url));
  const traces = [...page.matchAll(/^```\n( *[\d.]+ ms .*?)^```$/gms)].map(([, trace]) => readTrace(trace));
  assertEquals(traces.length, NETWORKS.length);

  const rules = NETWORKS.map(({ behaviour }, i) => ({ to: `198.18.${i}.0/24`, ...behaviour }));
  const hosts = NETWORKS.map(({ hosts = 1 }, i) => Array.from({ length: hosts }, (_, j) => `198.18.${i}.${j + 1}`));
  const checks = hosts.flatMap((addresses, i) =>
    addresses.map((address) => ({ target: `${address}:80`, options: { timeout: NETWORKS[i].timeout } }))
  );
  const { results, wire } = await lab.check({ rules }, [...checks, LAST]);
  const byAddress = new Map(results.map((result) => [result.address?.hostname, result]));
  for (const [i, { outcome: expected, mode = "half-open" }] of NETWORKS.entries()) {
    const seen = hosts[i].map((address) => {
      const result = byAddress.get(address)!;
      const shown = outcome(result).replace(`${address} `, "");
      return JSON.stringify([shown, result.mode, handshakes(wire.with(`${address}:80`))]);
    });
    const reported = JSON.stringify([expected, mode, traces[i]]);
    await test.step(reported, () => assert(seen.includes(reported), seen.join("\n")));
  }
  // The whole capture, for updating the page.
  await lab.keep();
});

/** The kinds of segments of each connection, in order. */
function handshakes(segments: { client: string; kind: string }[]): string[] {
  return [...Map.groupBy(segments, ({ client }) => client).values()]
    .map((connection) => connection.map(({ kind }) => kind).join(" "));
}

function readTrace(text: string): string[] {
  return handshakes(
    text.trimEnd().split("\n").map((line) => {
      const [, from, to, flags] = line.match(/ (\S+) > (\S+) +\[(.*?)\]/)!;
      return { client: from.startsWith("192.0.2.1:") ? from : to, kind: KINDS[flags] };
    }),
  );
}
