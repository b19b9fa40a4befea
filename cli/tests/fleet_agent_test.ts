/** `tcp-checker monitor --fleet` as a process with the documented permissions. */

import { assertEquals, assertMatch } from "@std/assert";
import { TestFleet } from "../../fleet/tests/support/fleet.ts";
import { natsTest } from "../../fleet/tests/support/nats_server.ts";
import { eventually } from "../../fleet/tests/support/eventually.ts";
import { commandWith, RunningCommand } from "../../tests/support/command.ts";
import { runEach } from "../../tests/support/command_process.ts";
import { closedPort, OpenPort } from "../../tests/support/listener.ts";

natsTest(
  "tcp-checker monitor --fleet checks its assigned targets, prints events, and leaves the fleet on SIGTERM",
  async () => {
    await using fleet = await TestFleet.start();
    using open = new OpenPort();
    const down = closedPort();
    await fleet.apply([open.target, down], { witnesses: 1 });
    const folder = await Deno.makeTempDir();
    const { hostname, port } = fleet.server.place;
    const command = new RunningCommand(
      [
        ...["monitor", "--fleet", fleet.server.url, "--agent", "a", "--zone", "z", "--lease", "2s"],
        ...["--outbox", `${folder}/outbox.db`, "--listen", "127.0.0.1:0"],
      ],
      commandWith(
        `--allow-net=${hostname}:${port},127.0.0.1`,
        `--allow-read=${folder}/outbox.db`,
        `--allow-write=${folder}/outbox.db`,
      ),
    );
    const text = await command.stderr.until(/listening on (\S+)\n/);
    const [, address] = /listening on (\S+)\n/.exec(text)!;
    await command.stdout.until(new RegExp(`  down  ${down}`));
    await eventually(() => fleet.state({ witnesses: 1 }), (state) => state.verdict(open.target).state === "up");
    await eventually(() => fleet.state({ witnesses: 1 }), (state) => state.verdict(down).state === "down");
    const metrics = await (await fetch(`http://${address}/metrics`)).text();
    for (const line of ["connected 1", "present 1", "epoch 1", "agents 1"]) {
      assertMatch(metrics, new RegExp(`^tcp_checker_fleet_${line}$`, "m"));
    }
    command.kill("SIGTERM");
    assertEquals((await command.ended()).code, 0);
    assertEquals((await fleet.state()).agents.has("a"), false);
    await Deno.remove(folder, { recursive: true });
  },
);

Deno.test("missing and misplaced options of a fleet are errors with a remedy", async () => {
  const seed = await Deno.makeTempFile();
  const cases: [args: string[], message: string][] = [
    [["--fleet", "nats://127.0.0.1:4222"], "--fleet needs a name for this agent: add --agent NAME"],
    [["--fleet", "nats://127.0.0.1:4222", "--agent", "a"], "--fleet needs the zone of this agent: add --zone NAME"],
    [["--zone", "a", "127.0.0.1:80"], "--zone works only in a fleet: add --fleet nats://HOST:PORT"],
    [
      ["--fleet", "nats://127.0.0.1:4222", "--agent", "a", "--zone", "z", "--interval", "1s"],
      "-i does not work with --fleet: write it into the target list",
    ],
    [
      ["--fleet", "nats://127.0.0.1:4222", "--agent", "a", "--zone", "z", "127.0.0.1:80"],
      'The target "127.0.0.1:80" does not work with --fleet: add it to the fleet\'s target list',
    ],
    [
      ["--fleet", "nats://127.0.0.1:4222", "--agent", "a", "--zone", "z", "--lease", "61s"],
      "--lease 61s is out of range: use 1s to 60s",
    ],
    [
      ["--fleet", "nats://127.0.0.1:4222", "--agent", "a.b", "--zone", "z"],
      'The agent\'s name "a.b" is invalid: use 1 to 64 letters, digits, "-" and "_"',
    ],
    [
      ["--fleet", "http://127.0.0.1", "--agent", "a", "--zone", "z"],
      'The URL "http://127.0.0.1" is invalid',
    ],
    [
      ["--fleet", "nats://127.0.0.1:4222", "--agent", "a", "--zone", "z", "--seed-file", seed],
      `--seed-file "${seed}": The seed is invalid: use 58 characters that begin with SU`,
    ],
    [
      ["--fleet", "nats://127.0.0.1:4222", "--agent", "a", "--zone", "z", "--ca", `${seed}.pem`],
      `Cannot read --ca "${seed}.pem"`,
    ],
  ];
  const command = commandWith(`--allow-read=${seed},${seed}.pem`);
  const ended = await runEach(cases.map(([args]) => ["monitor", ...args]), command);
  for (const [i, { code, stderr }] of ended.entries()) {
    assertEquals([code, stderr.includes(cases[i][1])], [3, true], stderr);
  }
  await Deno.remove(seed);
});
