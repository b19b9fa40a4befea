/** Names with several addresses: the SYN to each. */

import { assert, assertEquals } from "@std/assert";
import { listening, refusing, type Rule, silent, unreachable } from "../support/behaviour.ts";
import { proves } from "../support/evidence.ts";
import { labTest } from "../support/lab.ts";
import { outcome } from "../support/outcome.ts";

/** Names whose first address fails, and whose second is up. IPv6 is tried before IPv4 (RFC 6724). */
const FILES = {
  "/etc/hosts": `
    2001:db8::1 silent.test
    198.18.0.1 silent.test
    2001:db8::2 refusing.test
    198.18.0.1 refusing.test
    2001:db8::3 unreachable.test
    198.18.0.1 unreachable.test
    2001:db8::4 slow.test
    198.18.0.2 slow.test
    2001:db8::1 dead.test
    198.18.0.3 dead.test
    2001:db8::1 six.test
    2001:db8::11 six.test
    2001:db8::12 six.test
    2001:db8::13 six.test
    2001:db8::14 six.test
    198.18.0.1 six.test
  `,
  "/etc/nsswitch.conf": "hosts: files\n",
};
const RULES: Rule[] = [
  { to: "2001:db8::1/128", ...silent },
  { to: "2001:db8::10/124", ...silent },
  { to: "2001:db8::2/128", ...refusing(5) },
  { to: "2001:db8::3/128", ...unreachable(1, 0) },
  // The first address answers later than the second, which is tried after 250 ms.
  { to: "2001:db8::4/128", ...listening(600) },
  { to: "198.18.0.3/32", ...silent },
  listening(5),
];

labTest("a name with a dead first address is up at the second", async (lab, test) => {
  const names = ["silent.test", "refusing.test", "unreachable.test"];
  const checks = names.map((name, i) => ({ target: `${name}:${80 + i}` }));
  const { results, wire } = await lab.check({ rules: RULES }, checks, { files: FILES });
  assertEquals(results.map(outcome), names.map(() => "198.18.0.1 up"));
  for (const i of names.keys()) {
    assertEquals(wire.sentTo(`[2001:db8::${i + 1}]:${80 + i}`), ["SYN"]);
    assertEquals(wire.sentTo(`198.18.0.1:${80 + i}`), ["SYN", "RST"]);
  }
  assert(results[0].duration >= 250, `${results[0].duration} ms`);
  proves(test, "names", "3 names with a dead address first (silent, refusing, unreachable): 3 up, 2 SYNs each");
});

labTest(
  "of two addresses the first answer counts, and the second answer draws a RST",
  async (lab, test) => {
    const checks = [{ target: "slow.test:80" }, { target: "198.18.0.3:9", options: { timeout: 1000 } }];
    const { results: [result], wire } = await lab.check({ rules: RULES }, checks, { files: FILES });
    assertEquals(outcome(result), "198.18.0.2 up");
    assertEquals(wire.sentTo("198.18.0.2:80"), ["SYN", "RST"]);
    assertEquals(wire.sentTo("[2001:db8::4]:80"), ["SYN", "RST"]);
    proves(test, "segments", "2 addresses of a name: 2 SYNs, 2 RSTs, 0 ACKs, 1 result");
  },
);

labTest("a name with five silent addresses before an open one is up within the default timeout", async (lab, test) => {
  const { results: [result], wire } = await lab.check({ rules: RULES }, [{ target: "six.test:80" }], { files: FILES });
  assertEquals(outcome(result), "198.18.0.1 up");
  const silentOnes = ["1", "11", "12", "13", "14"].map((last) => wire.sentTo(`[2001:db8::${last}]:80`));
  assertEquals(silentOnes, silentOnes.map(() => ["SYN"]));
  assertEquals(wire.sentTo("198.18.0.1:80"), ["SYN", "RST"]);
  proves(test, "names", `5 silent addresses first: up after ${result.duration.toFixed(0)} of 1000 ms, 6 SYNs`);
});

labTest("a name with silent addresses is a timeout, after a SYN to each address", async (lab, test) => {
  const checks = [{ target: "dead.test:80", options: { timeout: 600 } }];
  const { results: [result], wire } = await lab.check({ rules: RULES }, checks, { files: FILES });
  assertEquals(result.status, "timeout");
  assert(result.duration >= 600, `${result.duration} ms`);
  assertEquals(wire.sentTo("[2001:db8::1]:80"), ["SYN"]);
  assertEquals(wire.sentTo("198.18.0.3:80"), ["SYN"]);
  proves(test, "deadlines", "2 silent addresses of a name under one deadline: 2 SYNs, 1 timeout, not early");
});
