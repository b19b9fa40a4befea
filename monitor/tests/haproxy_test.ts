/**
 * The verdict against HAProxy itself, side by side at the same hosts of the lab. With the option log-health-checks
 * HAProxy logs each change of a server's health, and each transition. Its log must match the verdict.
 */

import { assert, assertEquals } from "@std/assert";
import { listening, refusing, type Reply, type Rule, unreachable } from "../../tests/support/behaviour.ts";
import { labTest } from "../../tests/support/lab.ts";
import type { Input, Output } from "./scripts/haproxy.ts";
import { Random } from "./support/random.ts";
import { isInstalled } from "../../tests/support/installed.ts";

const HOSTS = 500;
const CHECKS = 40;
const PORTS: [number, number] = [80, 81];
/** Delay in ms from which an answer may be too late: both programs wait for 400 ms. */
const LATE = 300;

/** Repeats a host whose answer, or whose timeout, was late because the machine was busy. */
const ROUNDS = 12;

/** A host's reaction to a SYN: accepts, refuses, has a router report it as unreachable, or is silent. */
const BEHAVIOURS = { u: listening(), r: refusing(), x: unreachable(3, 1, 0), s: {} } as const;
type Letter = keyof typeof BEHAVIOURS;
/** Few are silent: on a busy machine a late timeout is neutral for the monitor. */
const FAILURES: readonly Letter[] = [..."rrrrrrrxxxs"] as Letter[];

/** A host, and its reaction to each SYN. */
interface Case {
  pattern: readonly Letter[];
  host: Input["hosts"][number];
}

/** Mostly up, mostly down, or neither, in changing phases. */
function randomPattern(random: Random): Letter[] {
  let passes = 0.5;
  return Array.from({ length: CHECKS }, () => {
    if (random.share() < 0.1) passes = random.pick([0.1, 0.3, 0.5, 0.7, 0.9]);
    return random.share() < passes ? "u" : random.pick(FAILURES);
  });
}

/** A host that reacts to its n-th SYN as the n-th letter says, and then is silent. */
function following({ pattern, host: { address } }: Case): Rule {
  const replies = Object.entries(BEHAVIOURS).flatMap(([letter, behaviour]): Reply[] => {
    const syns = pattern.flatMap((own, i) => own === letter ? [i + 1] : []);
    return "replies" in behaviour ? behaviour.replies!.map(({ send, after }) => ({ send, after, syns })) : [];
  });
  return { to: `${address}/32`, replies };
}

const test: typeof labTest = isInstalled("haproxy")
  ? labTest
  : (name) => Deno.test({ name: `${name} (skipped, there is no haproxy here)`, ignore: true, fn: () => {} });

test(`${HOSTS} hosts that go up and down at random are judged as HAProxy judges them`, async (lab) => {
  const random = new Random(20);
  let pending = Array.from({ length: HOSTS }, (_, i): Case => ({
    pattern: randomPattern(random),
    host: { address: `198.18.${i >> 8}.${i & 255}`, ports: PORTS, rise: 1 + i % 4, fall: 1 + (i >> 2) % 4 },
  }));
  let transitions = 0;
  for (let round = 0; pending.length > 0 && round < ROUNDS; round++) {
    const { output, wire } = await lab.run<Output>(
      { rules: pending.map(following), lateAfter: LATE, log: false },
      "../../monitor/tests/scripts/haproxy.ts",
      { checks: CHECKS, hosts: pending.map(({ host }) => host) } satisfies Input,
    );
    pending = pending.filter(({ pattern, host: { address, rise, fall } }, i) => {
      const { observations, own, haproxy } = output.hosts[i];
      // A late answer may have been a timeout for one of the two programs.
      if (PORTS.some((port) => wire.late.has(`${address}:${port}`))) return true;
      const observed = pattern.slice(0, observations.length).map((letter) => letter === "u" ? "p" : "f");
      assertEquals(observations, observed.join(""));
      assertEquals(haproxy, own, `rise ${rise}, fall ${fall}, ${pattern.join("")}`);
      if (observations.length < CHECKS) return true;
      transitions += own.filter((line) => line.startsWith("is ")).length;
      return false;
    });
  }
  // Hosts that were late every time are not compared.
  const compared = HOSTS - pending.length;
  assert(compared > HOSTS / 2, `only ${compared} hosts could be compared: this machine has no time`);
  assert(transitions > 4 * compared, `only ${transitions} transitions of ${compared} hosts`);
});
