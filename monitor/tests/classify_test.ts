/** Which results count for the target, and which are neutral. */

import { assertEquals } from "@std/assert";
import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import { classify } from "../lib/classify.ts";

const TIMEOUT = 1000;
const BASE = { target: "192.0.2.1:80", mode: "half-open", engine: "socket", dnsTime: 0, duration: 1 } as const;
const ADDRESS = { hostname: "192.0.2.1", port: 80, family: 4 } as const;

const unresolved = (code: string): CheckResult => ({ ...BASE, status: "unresolved", code });
const timeout = (phase: "resolve" | "connect" | "queue", duration: number): CheckResult => ({
  ...BASE,
  status: "timeout",
  phase,
  duration,
  retransmits: 0,
});

function unreachable(sent?: boolean): CheckResult {
  const error = { code: "EHOSTUNREACH", errno: 113 };
  return { ...BASE, status: "unreachable", address: ADDRESS, ...error, ...sent !== undefined && { sent } };
}

const CASES: [expected: string, what: string, result: CheckResult][] = [
  ["pass", "an open port", { ...BASE, status: "up", address: ADDRESS, rtt: 1, retransmits: 0 }],
  ["pass", "a full connect", { ...BASE, status: "up", mode: "full", address: ADDRESS, rtt: 1, retransmits: 0 }],
  ["fail", "a closed port", { ...BASE, status: "refused", address: ADDRESS, code: "ECONNREFUSED", errno: 111 }],
  ["fail", "no route there", unreachable(true)],
  ["fail", "no route there, by an engine that can't tell", unreachable()],
  ["neutral", "no route here", unreachable(false)],
  ["fail", "no answer", timeout("connect", TIMEOUT)],
  ["fail", "no answer, found a little late", timeout("connect", TIMEOUT + 100)],
  ["neutral", "no answer, found too late", timeout("connect", TIMEOUT + 100.1)],
  ["neutral", "no answer of the resolver", timeout("resolve", TIMEOUT)],
  ["neutral", "too long a wait in local queues", timeout("queue", 0)],
  ["fail", "no such name", unresolved("EAI_NONAME")],
  ["fail", "a name without addresses", unresolved("EAI_NODATA")],
  ["fail", "a name without addresses of the family", unresolved("EAI_ADDRFAMILY")],
  ["fail", "a name that a DNS filter blocks", unresolved("SINKHOLE")],
  ["fail", "a name that a DNS filter blocks", unresolved("SINKHOLE")],
  ["neutral", "a resolver that fails for now", unresolved("EAI_AGAIN")],
  ["neutral", "a resolver that fails", unresolved("EAI_FAIL")],
  ["neutral", "this host", { ...BASE, status: "local-error", code: "EMFILE", errno: 24 }],
];

for (const [expected, what, result] of CASES) {
  Deno.test(`classify() gives ${expected} for ${what}`, () => assertEquals(classify(result, TIMEOUT), expected));
}
