/** Details of SYN-ACKs, and the output of `--explain`, for hosts with every kind of answer. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { listening, refusing, type Reply, type Rule, silent, unreachable } from "../support/behaviour.ts";
import { ENGINES, nameFor } from "../support/engines.ts";
import { proves } from "../support/evidence.ts";
import { type Lab, labTest } from "../support/lab.ts";
import type { Output } from "../scripts/command.ts";

const synAck = (window: number, options: boolean): Reply => ({ send: { kind: "syn-ack", window, options } });

const RULES: Rule[] = [
  { ports: 1, replies: [synAck(64_000, true)] },
  { ports: 2, replies: [synAck(64_000, false)] },
  { ports: 3, replies: [synAck(0, true)] },
  { ports: 4, replies: [synAck(0, false)] },
  { ports: 5, loseSyns: [1], ...listening(20) },
  { ports: 6, ...refusing(5) },
  { ports: 7, ...silent },
  { ports: 8, to: "198.18.0.0/15", ...unreachable(3, 1) },
  { ports: 8, to: "2001:db8::/32", ...unreachable(1, 3) },
  { ports: 9, to: "198.18.0.0/15", ...listening(5) },
  { ports: 9, to: "2001:db8::/32", ...refusing(5) },
];
const FILES = {
  "/etc/hosts": "198.18.0.1 both.test\n2001:db8::1 both.test\n",
  "/etc/nsswitch.conf": "hosts: files\n",
};
/**
 * The segment size, less the 12 bytes of timestamps: to a host that offers an MSS, and to one that doesn't (RFC 9293,
 * section 3.7.1).
 */
const HOSTS = [
  { host: "198.18.0.1", mss: 1448, silentMss: 536 },
  { host: "[2001:db8::1]", mss: 1428, silentMss: 1220 },
];
const OPTIONS = { timestamps: true, sack: true, ecn: false, window_scale: 7 };
const NO_OPTIONS = { timestamps: false, sack: false, ecn: false };

for (const { host, mss, silentMss } of HOSTS) {
  for (const engine of ENGINES.filter(({ mode }) => mode === "half-open")) {
    labTest(
      nameFor(`details are those of the checked host, not of an earlier one: ${host}`, engine),
      async (lab, test) => {
        // One check at a time, so that all use the same socket.
        const ports = Array(5).fill("1,2,3,4").join();
        const [{ stdout }] = await command(lab, [
          "--json",
          ...["--engine", engine.name],
          "-c",
          "1",
          ...ports.split(",").map((port) => `${host}:${port}`),
        ]);
        const lines = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
        const expected = [
          { ...OPTIONS, mss, window: 64_000 },
          { ...NO_OPTIONS, mss: silentMss, window: 64_000 },
          { ...OPTIONS, mss, window: 0 },
          { ...NO_OPTIONS, mss: silentMss, window: 0 },
        ];
        assertEquals(lines.length, 20);
        for (const { port, peer } of lines) assertEquals(peer, expected[port - 1], `port ${port}`);
        proves(
          test,
          "verdicts",
          `${lines.length} sequential checks of hosts with and without options: all correct`,
        );
      },
    );

    labTest(nameFor(`--explain prints the answers of hosts: ${host}`, engine), async (lab, test) => {
      const ports = [1, 2, 3, 4, 5, 6, 7, 8];
      const runs = ports.map((port) => ["--explain", "--engine", engine.name, "-t", "1500ms", `${host}:${port}`]);
      const answers = await command(lab, ...runs);
      const printed = answers.map(({ stdout }) => stdout.replaceAll(/\d+\.\d+ ?ms/g, "T").replaceAll(/\d\.\d+s/g, "T"));
      const steps = (port: number, ...lines: string[]) => `${host}:${port}: ${lines.join("\n  ")}\n`;
      const received = "SYN-ACK received, round-trip time T";
      const full = `SYN-ACK has timestamps, SACK, window scale 7; segments of up to ${mss} bytes; a window of`;
      const none = `SYN-ACK has no options; segments of up to ${silentMss} bytes; a window of`;
      const invisible = "RST sent in place of the ACK: the application saw no connection";
      const proxy = "this looks like a SYN proxy, which answers for hosts that may be down";
      const maybe = "this may be a SYN proxy, which answers for hosts that may be down, or a small device";
      // SYNs of the raw engine have all options, regardless of this host's sysctls.
      const ownOptions = engine.hasSockets
        ? "; or this host offers no options: see net.ipv4.tcp_sack, tcp_timestamps and tcp_window_scaling"
        : "";
      const up = "status: up, half-open";
      const sent = `SYN sent by the ${engine.name} engine`;
      const again = `SYN sent 2 times by the ${engine.name} engine, because there was no answer`;
      assertEquals(printed, [
        steps(1, sent, received, `${full} 64000`, invisible, up),
        steps(2, sent, received, `${none} 64000`, maybe + ownOptions, invisible, up),
        steps(3, sent, received, `${full} 0`, proxy, invisible, up),
        steps(4, sent, received, `${none} 0`, proxy, invisible, up),
        steps(5, again, received, `${full} 65535`, invisible, up),
        steps(6, sent, "RST received (ECONNREFUSED) after T: the port is closed", "status: refused"),
        steps(7, again, "no answer within T", "status: timeout"),
        steps(8, sent, "a router, or the target, reported EHOSTUNREACH", "status: unreachable"),
      ]);
      assertEquals(answers.map(({ code }) => code), [0, 0, 0, 0, 0, 1, 1, 1]);
      proves(test, "verdicts", `${answers.length} kinds of answers, each with its explanation`);
    });
  }
}

labTest("--explain prints that a full connect sent the last ACK", async (lab) => {
  const [{ code, stdout }] = await command(lab, ["--explain", "--no-linger", "198.18.0.1:1"]);
  assertStringIncludes(
    stdout,
    "\n  the last ACK was sent, or may have been: the application may have seen a connection\n",
  );
  assertStringIncludes(stdout, "\n  status: up, by a full connect\n");
  assertEquals(code, 0);
});

labTest("--explain prints each address of a name, and the state of the name", async (lab, test) => {
  const [one, none, six, missing] = await command(
    lab,
    ["--explain", "both.test:9"],
    ["--explain", "both.test:6"],
    ["--explain", "-6", "both.test:9"],
    ["--explain", "missing.test:9"],
  );
  assertMatch(one.stdout, /^both\.test:9: the system's resolver took .+ms\n/);
  assertMatch(one.stdout, /^198\.18\.0\.1:9: SYN sent by the socket engine$/m);
  assertMatch(one.stdout, /^\[2001:db8::1\]:9: SYN sent by the socket engine\n {2}RST received/m);
  assertMatch(one.stdout, /\nboth\.test:9 is up: 1 of its 2 addresses is up\n$/);
  assertMatch(none.stdout, /\nboth\.test:6 is down: 0 of its 2 addresses are up\n$/);
  assert(!six.stdout.includes("198.18.0.1") && six.stdout.endsWith("status: refused\n"), six.stdout);
  assertMatch(
    missing.stdout,
    /^missing\.test:9: the system's resolver returned no address: EAI_\w+\n {2}status: unresolved\n$/,
  );
  assertEquals([one, none, six, missing].map(({ code }) => code), [0, 1, 1, 2]);
  proves(test, "names", "a name with an open and a closed address, explained: up");
});

async function command(lab: Lab, ...runs: string[][]): Promise<Output> {
  const { output } = await lab.run<Output>({ rules: RULES }, "command.ts", runs, { files: FILES });
  for (const { stderr } of output) assertEquals(stderr, "");
  return output;
}
