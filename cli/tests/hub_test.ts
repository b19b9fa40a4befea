/** `tcp-checker hub` as a process with the documented permissions. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { connectFleet } from "../../fleet/lib/connect.ts";
import { Hub } from "../../fleet/lib/hub/mod.ts";
import { eventually } from "../../fleet/tests/support/eventually.ts";
import { TestFleet } from "../../fleet/tests/support/fleet.ts";
import { natsTest } from "../../fleet/tests/support/nats_server.ts";
import { SecureFleet } from "../../fleet/tests/support/secure_fleet.ts";
import { Receiver } from "../../monitor/tests/support/receiver.ts";
import { hubEventLine } from "../lib/fleet/hub_event_line.ts";
import { COMMAND, commandWith, run, RunningCommand } from "../../tests/support/command.ts";
import { runEach } from "../../tests/support/command_process.ts";

const TARGET = "192.0.2.1:80";

/** Starts a hub as a process. It may read its configuration, and reach the server and the webhook. */
function startHub(fleet: TestFleet, name: string, source: string): RunningCommand {
  const { hostname, port } = fleet.server.place;
  const flags = [`--allow-net=${hostname}:${port},127.0.0.1`, `--allow-read=${source}`];
  return new RunningCommand(
    ["hub", "--fleet", fleet.server.url, "--hub", name, "--config", source, "--listen", "127.0.0.1:0", "--lease", "2s"],
    commandWith(...flags).filter((part) => part !== "--allow-ffi"),
  );
}

/** The hub's listen address. */
async function addressOf({ stderr }: RunningCommand): Promise<string> {
  return /listening on (\S+)\n/.exec(await stderr.until(/listening on (\S+)\n/))![1];
}

async function metrics(address: string): Promise<string> {
  return await (await fetch(`http://${address}/metrics`)).text();
}

/**
 * Starts three agents and two hubs. The first hub sends the notifications.
 *
 * @param fleet The fleet.
 * @param receiver The receiver of the webhook.
 * @param wait How long an alert waits for others, as in the configuration.
 */
async function startTwoHubs(fleet: TestFleet, receiver: Receiver, wait: string) {
  await fleet.apply([TARGET]);
  const source = `${fleet.server.folder}/hub.yml`;
  await Deno.writeTextFile(source, `sinks:\n  - { type: webhook, url: "${receiver.url}", wait: ${wait} }\n`);
  const first = startHub(fleet, "one", source);
  const firstAddress = await addressOf(first);
  await eventually(() => metrics(firstAddress), (text) => text.includes("tcp_checker_fleet_notifier 1\n"));
  const second = startHub(fleet, "two", source);
  const secondAddress = await addressOf(second);
  const agents = await Promise.all(["a", "b", "c"].map((name) => fleet.agent(name, { lease: 10_000 })));
  return { first, second, secondAddress, agents };
}

natsTest("tcp-checker hub serves the fleet's verdicts, and takes over from a killed hub", async () => {
  await using fleet = await TestFleet.start();
  await using receiver = new Receiver();
  const { first, second, secondAddress, agents } = await startTwoHubs(fleet, receiver, "50ms");
  await first.stdout.until(/ up {2}192\.0\.2\.1:80 {2}[23] of [23] agree\n/);
  await eventually(
    () => metrics(secondAddress),
    (text) => text.includes(`tcp_checker_up{id="${TARGET}",group=""} 1\n`),
  );
  agents.forEach(({ prober }) => prober.down.add(TARGET));
  await first.stdout.until(/ down {2}192\.0\.2\.1:80 {2}refused {2}[23] of 3 agree, up for /);
  await receiver.until(1);
  first.kill("SIGKILL");
  await first.ended();
  agents.forEach(({ prober }) => prober.down.delete(TARGET));
  const statuses = () => receiver.posted.map(({ body }) => body.status);
  await eventually(statuses, (statuses) => statuses.at(-1) === "resolved");
  assert(statuses().filter((status) => status === "firing").length <= 2);
  assertMatch(await metrics(secondAddress), /^tcp_checker_fleet_notifier 1$/m);
  const source = `${fleet.server.folder}/hub.yml`;
  await Deno.writeTextFile(source, "sinks: 5");
  second.kill("SIGHUP");
  const problem = `\n${source}:1:1: sinks: must be a list of sinks, it is 5\n`;
  assertStringIncludes(await second.stderr.until(/stays in force\n/), problem);
  second.kill("SIGTERM");
  assertEquals((await second.ended()).code, 0);
});

natsTest("a hub that is paused before it notifies sends nothing after another hub has taken over", async () => {
  await using fleet = await TestFleet.start();
  await using receiver = new Receiver();
  // The alert is pending in the paused hub.
  const { first, second, secondAddress, agents } = await startTwoHubs(fleet, receiver, "1s");
  await first.stdout.until(/ up {2}192\.0\.2\.1:80 /);
  agents.forEach(({ prober }) => prober.down.add(TARGET));
  await first.stdout.until(/ down {2}192\.0\.2\.1:80 /);
  first.kill("SIGSTOP");
  assertEquals(receiver.posted.length, 0);
  await receiver.until(1);
  assertMatch(await metrics(secondAddress), /^tcp_checker_fleet_notifier 1$/m);
  first.kill("SIGCONT");
  // The hub has noticed that its lease expired, and works again.
  await first.stderr.until(/Reconnected to the fleet/);
  agents.forEach(({ prober }) => prober.down.delete(TARGET));
  await eventually(() => receiver.posted.at(-1)?.body.status, (status) => status === "resolved");
  assertEquals(receiver.posted.map(({ body }) => body.status), ["firing", "resolved"]);
  for (const hub of [first, second]) {
    hub.kill("SIGTERM");
    assertEquals((await hub.ended()).code, 0);
  }
});

natsTest("a hub needs only the permissions that nats-config gives it", async () => {
  await using fleet = await SecureFleet.start();
  const problems: string[] = [];
  const seed = new TextEncoder().encode(fleet.keys.h.seed);
  await using hub = await Hub.start({
    nats: { servers: [fleet.server.url], name: "h", seed },
    name: "h",
    lease: 1000,
    onMessage: (message) => problems.push(message),
  });
  await hub.ready;
  await eventually(() => hub.isNotifier, Boolean);
  const connection = await connectFleet({ servers: [fleet.server.url], name: "h", seed });
  await connection.close();
  assertEquals(problems, []);
});

Deno.test("a transition of the fleet is printed with the votes, also without a quorum", () => {
  const event = {
    ...{ type: "transition", id: TARGET, target: TARGET, group: "", labels: {}, at: 0, sequence: 1 } as const,
    ...{ from: "up", duration: 1000, initial: false } as const,
  };
  const line = (to: "down" | "unknown", count: number, of: number) => hubEventLine({ ...event, to, count, of });
  assertEquals([line("down", 2, 3), line("unknown", 0, 1), line("unknown", 0, 0)].map((line) => line.slice(26)), [
    `down  ${TARGET}  2 of 3 agree, up for 1s`,
    `unknown  ${TARGET}  one witness, up for 1s`,
    `unknown  ${TARGET}  no witness, up for 1s`,
  ]);
});

Deno.test("invalid arguments of a hub are errors with a remedy", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/targets.yml`, 'targets: ["192.0.2.1:80"]\n');
  const cases: [args: string[], message: string][] = [
    [
      ["192.0.2.1:80"],
      'The target "192.0.2.1:80" does not work with hub: add it to the fleet\'s target list with fleet apply',
    ],
    [["--lease", "61s"], "--lease 61s is out of range: use 1s to 60s"],
    [["--check-config"], "--check-config has no file: add --config FILE"],
    [["--hub", "a.b"], 'The hub\'s name "a.b" is invalid: use 1 to 64 letters, digits, "-" and "_"'],
    [["--config", `${folder}/targets.yml`, "--check-config"], "targets: A hub's targets come from the fleet's list"],
    [["--rise", "1"], "--rise is an option of watch and monitor"],
  ];
  const ended = await runEach(cases.map(([args]) => ["hub", ...args]), commandWith(`--allow-read=${folder}`));
  for (const [i, { code, stderr }] of ended.entries()) {
    assertEquals([code, stderr.includes(cases[i][1])], [3, true], stderr);
  }
  await Deno.remove(folder, { recursive: true });
});

for (const args of [["hub"], ["monitor", "--agent", "a", "--zone", "z"], ["fleet", "status"]]) {
  Deno.test(`tcp-checker ${args[0]} without the permission to connect to the fleet ends, and names the permission`, async () => {
    const { code, stdout, stderr } = await run([...args, "--fleet", "192.0.2.1"], COMMAND);
    const message = "tcp-checker: Cannot connect to 192.0.2.1:4222: run Deno with --allow-net=192.0.2.1:4222\n";
    assertEquals({ code, stdout, stderr }, { code: 4, stdout: "", stderr: message });
  });
}
