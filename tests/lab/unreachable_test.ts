/** ICMP errors of routers, code by code. */

import { assertEquals } from "@std/assert";
import type { Output } from "../scripts/check.ts";
import { type Rule, unreachable } from "../support/behaviour.ts";
import { ENGINES, nameFor } from "../support/engines.ts";
import { proves } from "../support/evidence.ts";
import { labTest } from "../support/lab.ts";
import { outcome } from "../support/outcome.ts";

/** Type, code, and expected outcome: the kernel's table, icmp_err_convert in net/ipv4/icmp.c. */
const ICMP: [type: number, code: number, outcome: string][] = [
  [3, 0, "unreachable ENETUNREACH"],
  [3, 1, "unreachable EHOSTUNREACH"],
  [3, 2, "unreachable ENOPROTOOPT"],
  [3, 3, "refused ECONNREFUSED"],
  // Fragmentation needed, which path MTU discovery handles; a SYN does not need it.
  [3, 4, "timeout"],
  [3, 5, "unreachable EOPNOTSUPP"],
  [3, 6, "unreachable ENETUNREACH"],
  [3, 7, "unreachable EHOSTDOWN"],
  [3, 8, "unreachable ENONET"],
  [3, 9, "unreachable ENETUNREACH"],
  [3, 10, "unreachable EHOSTUNREACH"],
  [3, 11, "unreachable ENETUNREACH"],
  [3, 12, "unreachable EHOSTUNREACH"],
  [3, 13, "unreachable EHOSTUNREACH"],
  [3, 14, "unreachable EHOSTUNREACH"],
  [3, 15, "unreachable EHOSTUNREACH"],
  // An unassigned code.
  [3, 16, "timeout"],
  // Source quench, which is obsolete.
  [4, 0, "timeout"],
  [5, 1, "timeout"],
  // Time exceeded: in transit, and in reassembly, which does not concern a SYN.
  [11, 0, "unreachable EHOSTUNREACH"],
  [11, 1, "timeout"],
  // Parameter problem.
  [12, 0, "unreachable EPROTO"],
];

/** tab_unreach and icmpv6_err_convert in net/ipv6/icmp.c. */
const ICMPV6: typeof ICMP = [
  [1, 0, "unreachable ENETUNREACH"],
  [1, 1, "unreachable EACCES"],
  [1, 2, "unreachable EHOSTUNREACH"],
  [1, 3, "unreachable EHOSTUNREACH"],
  [1, 4, "refused ECONNREFUSED"],
  [1, 5, "unreachable EACCES"],
  [1, 6, "unreachable EACCES"],
  [1, 7, "unreachable EPROTO"],
  // Packet too big, time exceeded, parameter problem.
  [2, 0, "timeout"],
  [3, 0, "unreachable EHOSTUNREACH"],
  [4, 0, "unreachable EPROTO"],
];

for (const engine of ENGINES) {
  labTest(
    nameFor("each code of ICMP and ICMPv6 has the outcome of the kernel's table", engine),
    async (lab, test) => {
      const cases = [
        ...ICMP.map((row, i) => ({ row, host: `198.18.0.${i + 1}`, length: 32 })),
        ...ICMPV6.map((row, i) => ({ row, host: `2001:db8::${(i + 1).toString(16)}`, length: 128 })),
      ];
      const rules = cases.map(({ row: [type, code], host, length }) => ({
        to: `${host}/${length}`,
        ...unreachable(type, code),
      }));
      const targets = cases.map(({ host, length }) => length === 128 ? `[${host}]:80` : `${host}:80`);
      const checks = targets.map((target) => ({ target, options: { timeout: 300 } }));
      const { output: { results }, wire } = await lab.run<Output>({ rules }, "check.ts", {
        engine: engine.name,
        checks,
      });
      const reported = results.map(([result], i) => `${cases[i].row.slice(0, 2).join("/")} ${outcome(result)}`);
      const expected = cases.map(({ row: [type, code, outcome], host }) => {
        const forbidden = outcome.endsWith("EACCES") && !engine.distinguishesNetworkErrors;
        return `${type}/${code} ${host} ${forbidden ? "local-error EACCES" : outcome}`;
      });
      assertEquals(reported, expected);
      assertEquals(wire.sent(), { SYN: cases.length });
      proves(
        test,
        "verdicts",
        `${ICMP.length} messages of ICMP and ${ICMPV6.length} of ICMPv6, ${wire.sent().SYN} SYNs`,
      );
    },
  );

  labTest(nameFor("a port that resets every connection is up", engine), async (lab) => {
    // Both segments together, so that the RST arrives before the engine reads the socket.
    const rules: Rule[] = [{ replies: [{ send: { kind: "syn-ack" } }, { send: { kind: "reset" } }] }];
    const checks = [{ target: "198.18.0.1:80", times: 50 }, { target: "[2001:db8::1]:80", times: 50 }];
    const { output: { results } } = await lab.run<Output>({ rules }, "check.ts", { engine: engine.name, checks });
    const reported = results.flat().map(({ status, mode }) => `${status} ${mode}`);
    assertEquals(reported, Array(100).fill(`up ${engine.mode}`));
  });
}
