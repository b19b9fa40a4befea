/** `tcp-checker fleet` with a real NATS server. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { NatsServer, natsTest } from "../../fleet/tests/support/nats_server.ts";
import { createKeys } from "../../fleet/lib/security/keys.ts";
import { commandWith, run } from "../../tests/support/command.ts";
import { CommandProcess, runEach } from "../../tests/support/command_process.ts";

/** The command with the permissions that `fleet` needs. */
function command(server?: NatsServer): string[] {
  const flags = [
    "--allow-read",
    "--allow-write",
    ...server === undefined ? [] : [`--allow-net=${server.place.hostname}`],
  ];
  return commandWith(...flags).filter((part) => part !== "--allow-ffi");
}

/** A folder with files. */
class Folder implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async make(): Promise<Folder> {
    return new Folder(await Deno.makeTempDir());
  }

  async write(name: string, text: string): Promise<string> {
    await Deno.writeTextFile(`${this.path}/${name}`, text);
    return `${this.path}/${name}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}

natsTest(
  "tcp-checker fleet apply shows the difference and puts the list in force, and rollback reverts it",
  async () => {
    await using server = await NatsServer.start();
    await using folder = await Folder.make();
    await using process = new CommandProcess(command(server));
    const fleet = (...args: string[]) => process.run(["fleet", ...args, "--fleet", server.url]);
    const lines = await folder.write("targets.txt", "192.0.2.1:443 # one\n192.0.2.2:80-81\n");

    const fresh = await fleet("apply", lines, "--dry-run");
    assertEquals([fresh.code, fresh.stdout.split("\n").at(-2)], [0, "3 added, 0 removed, 0 changed"]);
    const none = await fleet("status");
    assertEquals([none.code, none.stdout], [4, ""]);
    assertMatch(none.stderr, /^tcp-checker: There is no fleet at these servers: apply a target list/);
    for (const options of [["--quorum", "4", "--yes"], []]) {
      assertEquals((await fleet("apply", lines, ...options)).code, 3);
      assertEquals(await fleet("status"), none);
    }

    assertEquals(await fleet("apply", lines, "--yes"), {
      code: 0,
      stdout: `+ 192.0.2.1:443
+ 192.0.2.2:80
+ 192.0.2.2:81
3 added, 0 removed, 0 changed
The list ${"X".repeat(12)} is in force: 3 targets
`.replace("X".repeat(12), (await fleet("list")).stdout.slice(0, 12)),
      stderr: "",
    });

    const yaml = await folder.write(
      "targets.yaml",
      `monitor: { fall: 5, engine: raw }
targets: ["192.0.2.2:80", { target: "db.example:5432", id: db, group: databases }]
sinks: [{ type: agent_check, listen: "127.0.0.1:1" }]
`,
    );
    const difference = `~ vote.witnesses: 3 -> 2
~ monitor.fall: default -> 5
- 192.0.2.1:443
- 192.0.2.2:81
+ db (db.example:5432) {"group":"databases"}
1 added, 2 removed, 0 changed
`;
    const dryRun = await fleet("apply", yaml, "--dry-run", "--witnesses", "2");
    assertEquals(dryRun, {
      code: 0,
      stdout: difference,
      stderr: "tcp-checker: ignored, because it is not part of a list: monitor.engine, sinks\n",
    });
    const unconfirmed = await fleet("apply", yaml, "--witnesses", "2");
    assertEquals([unconfirmed.code, unconfirmed.stdout], [3, difference]);
    assertMatch(unconfirmed.stderr, /add --yes or --dry-run\n$/);

    assertEquals((await fleet("apply", yaml, "--yes", "--witnesses", "2")).code, 0);
    assertMatch((await fleet("apply", yaml, "--yes", "--witnesses", "2")).stdout, /is in force already\n$/);
    const list = (await fleet("list")).stdout;
    assertMatch(list, /^[\da-f]{12} {2}\S+Z {2}2 targets {2}in force\n[\da-f]{12} {2}\S+Z {2}3 targets\n$/);

    const empty = await folder.write("empty.txt", "# 192.0.2.1:443\n");
    const noTargets = await folder.write("empty.yaml", "targets: []\n");
    for (const file of [empty, noTargets]) {
      const refused = await fleet("apply", file, "--yes");
      assertEquals([refused.code, refused.stdout], [3, ""]);
      assertMatch(
        refused.stderr,
        /has no targets: add targets, or --allow-empty to remove all targets of the fleet\n$/,
      );
      assertEquals((await fleet("list")).stdout, list);
    }
    const emptied = await fleet("apply", empty, "--allow-empty", "--dry-run");
    assertEquals([emptied.code, emptied.stdout.split("\n").at(-2)], [0, "0 added, 2 removed, 0 changed"]);

    const long = await folder.write("long.yaml", `targets: [{ target: "192.0.2.1:80", id: "${"x".repeat(1025)}" }]\n`);
    for (
      const [args, message] of [
        [[lines, "--quorum", "4"], "quorum is 4, but a target has 3 witnesses: use 1 to 3"],
        [[long], "has 1025 bytes: use at most 1024"],
      ] as const
    ) {
      const refused = await fleet("apply", ...args, "--yes");
      assertEquals([refused.code, refused.stdout, refused.stderr.includes(message)], [3, "", true], refused.stderr);
    }

    const [inForce, earlier] = list.split("\n").map((line) => line.slice(0, 12));
    for (
      const [args, code, message] of [
        [["--dry-run"], 3, "--dry-run does not work with fleet rollback: use it with fleet apply"],
        [[""], 3, 'fleet rollback "" has no digest: give its first digits, or leave out the argument'],
        [[inForce], 4, `The list ${inForce} is in force already`],
      ] as const
    ) {
      assertEquals(await fleet("rollback", ...args), { code, stdout: "", stderr: `tcp-checker: ${message}\n` });
      assertEquals((await fleet("list")).stdout, list);
    }
    assertEquals((await fleet("rollback")).stdout, `The list ${earlier} is in force\n`);
    assertEquals((await fleet("rollback", "0".repeat(12))).code, 4);
    const unreachable = await run(
      ["fleet", "list", "--fleet", "nats://127.0.0.1:1"],
      commandWith("--allow-net=127.0.0.1:1"),
    );
    assertEquals(unreachable.code, 4);
    assertMatch(unreachable.stderr, /^tcp-checker: nats:\/\/127\.0\.0\.1:1: connection refused/);
    const status = await fleet("status");
    assertEquals([status.code, status.stdout.split("\n").at(-2)], [
      1,
      `0 agents, 0 up, 0 down, 3 unknown, list ${earlier}`,
    ]);
  },
);

natsTest(
  "tcp-checker fleet nats-config writes a valid server configuration, and matching keys",
  async () => {
    await using folder = await Folder.make();
    const agents = await folder.write("agents.txt", "eu-1\neu-2 # the second\n");
    const output = `${folder.path}/nats`;
    await using server = await NatsServer.start({
      config: async ({ hostname, port }, storage) => {
        const args = [
          "--agents",
          agents,
          "--output",
          output,
          "--nats-listen",
          `${hostname}:${port}`,
          "--storage",
          storage,
        ];
        const { code, stdout, stderr } = await run(["fleet", "nats-config", ...args], command());
        assertEquals([code, stdout], [0, ""], stderr);
        return await Deno.readTextFile(`${output}/nats.conf`);
      },
    });
    const names = [...Deno.readDirSync(output)].map(({ name }) => name).sort();
    const users = ["admin", "agent-eu-1", "agent-eu-2", "hub-hub"];
    assertEquals(names, [...users.flatMap((user) => [`${user}.nk`, `${user}.pub`]), "nats.conf"].sort());
    for (const user of users) assertEquals((await Deno.stat(`${output}/${user}.nk`)).mode! & 0o777, 0o600);
    const seeds = users.map((user) => Deno.readTextFileSync(`${output}/${user}.nk`).trim());
    const config = await Deno.readTextFile(`${output}/nats.conf`);
    assertEquals(seeds.filter((seed) => config.includes(seed)), []);

    const list = await folder.write("targets.txt", "192.0.2.1:443\n");
    const apply = (user: string) =>
      run(
        ["fleet", "apply", list, "--yes", "--fleet", server.url, "--seed-file", `${output}/${user}.nk`],
        command(server),
      );
    assertEquals((await apply("admin")).code, 0);
    const denied = await apply("agent-eu-1");
    assertEquals(denied.code, 4, denied.stdout);
    assertMatch(denied.stderr, /^tcp-checker: .+/);
    const key = ["--fleet", server.url, "--seed-file", `${output}/agent-eu-2.nk`];
    for (const [args, name] of [[["monitor", "--agent", "eu-1", "--zone", "eu"], "eu-1"], [["hub"], "hub"]] as const) {
      const ended = await run([...args, ...key], [...command(server).slice(0, -1), "--allow-ffi", "cli/mod.ts"]);
      const problem =
        `${server.place.hostname}:${server.place.port} has this key for another user: use the key of ${name}`;
      assertEquals(ended, { code: 4, stdout: "", stderr: `tcp-checker: ${problem}\n` });
    }
  },
);

natsTest("a second run of nats-config keeps the keys, and accepts keys that agents have created", async () => {
  await using folder = await Folder.make();
  await using process = new CommandProcess(command());
  const config = async (names: string) => {
    const args = ["--agents", await folder.write("agents.txt", names), "--output", folder.path];
    assertEquals((await process.run(["fleet", "nats-config", ...args])).code, 0);
    return await Deno.readTextFile(`${folder.path}/nats.conf`);
  };
  const first = await config("a\n");
  // The seed may already be on the agent's host.
  await Deno.remove(`${folder.path}/agent-a.nk`);
  const key = (await Deno.readTextFile(`${folder.path}/agent-a.pub`)).trim();
  assertEquals(await config("a\n"), first);
  const own = createKeys().publicKey;
  const second = await config(`a\nb ${own}\n`);
  assertEquals([second.split(key).length - 1, second.split(own).length - 1], [1, 1]);
});

natsTest(
  "nats-config derives a public key from its seed, and rejects keys that are shared or don't match",
  async () => {
    await using folder = await Folder.make();
    await using process = new CommandProcess(command());
    const config = async (names: string) => {
      const args = ["--agents", await folder.write("agents.txt", names), "--output", folder.path];
      return await process.run(["fleet", "nats-config", ...args]);
    };
    const own = createKeys().publicKey;
    for (
      const [names, message] of [
        ["# a\n", /agents\.txt has no agents: add their names, one per line/],
        [`a\nb ${own}\nc ${own}\n`, /agents\.txt:3: b and c have the same key: give each its own/],
      ] as const
    ) {
      const { code, stderr } = await config(names);
      assertMatch(stderr, message);
      assertEquals(code, 3);
      assertEquals([...Deno.readDirSync(folder.path)].map(({ name }) => name), ["agents.txt"]);
    }
    assertEquals((await config("a\n")).code, 0);
    const path = `${folder.path}/admin.pub`;
    const key = await Deno.readTextFile(path);
    await Deno.remove(path);
    assertEquals((await config("a\n")).code, 0);
    assertEquals(await Deno.readTextFile(path), key);

    const shared = await config(`a\nb ${key}`);
    assertEquals([shared.code, /b and administrators have the same key: give each its own/.test(shared.stderr)], [
      3,
      true,
    ]);
    await Deno.writeTextFile(path, createKeys().publicKey);
    const other = await config("a\n");
    assertEquals([other.code, /admin\.pub does not match \S+admin\.nk: delete/.test(other.stderr)], [3, true]);
  },
);

Deno.test("tcp-checker fleet rejects invalid arguments and files with a remedy", async () => {
  await using folder = await Folder.make();
  const bad = await folder.write("bad.txt", "192.0.2.1:443\nx:0\ny:0\n");
  const worse = await folder.write("worse.txt", "x:0\n".repeat(12));
  const yaml = await folder.write("bad.yaml", "targets: [nonsense, another]\n");
  const lists = await folder.write("lists.yaml", "target_files: [{ files: [x.txt] }]\n");
  const names = await folder.write("names.txt", "a\na.b\n");
  const seed = await folder.write("seed", "secret\n");
  const cluster = ["nats-config", "--agents", names, "--route", "127.0.0.1:1", "--cluster"];
  const cases: [args: string[], message: RegExp][] = [
    [[], /fleet has no action: use apply, /],
    [["aply"], /fleet has no action "aply": use apply, /],
    [["apply"], /fleet apply has no file: give its path/],
    [["apply", "a", "b"], /fleet apply does not take "b"/],
    [["status", "x"], /fleet status does not take "x"/],
    [["list", "--timeout", "1s"], /-t does not work with fleet: leave it out/],
    [["apply", bad], /bad\.txt:2: [^\n]+; \S+bad\.txt:3: /],
    [["apply", worse], /worse\.txt:10: [^\n;]+; and 2 more malformed lines\n$/],
    [["apply", ""], /fleet apply has no file: give its path/],
    [["rollback", "--copies", "3"], /--copies does not work with fleet rollback: use it with fleet apply/],
    [["list", "--agents", "x"], /--agents does not work with fleet list: use it with fleet nats-config/],
    [["status", "--yes"], /-y does not work with fleet status: use it with fleet apply/],
    [["apply", bad, "--json"], /--json does not work with fleet apply: use it with fleet list or fleet status/],
    [["nats-config", "--ca", "x"], /--ca does not work with fleet nats-config: use it with fleet apply, /],
    [["list", "--fleet", ""], /The URL "" is invalid: use nats:\/\/HOST:PORT/],
    [["apply", yaml], /bad\.yaml:1:11: targets\[0\][^\n]+; \S+bad\.yaml:1:21: targets\[1\]/],
    [["apply", lists], /refers to other target lists/],
    [["apply", "missing.txt"], /there is no such file/],
    [["list", "--seed-file", seed], /--seed-file ".+": The seed is invalid/],
    [["list", "--fleet", "http://127.0.0.1"], /The URL "http:\/\/127\.0\.0\.1" is invalid/],
    [["nats-config"], /add --agents FILE/],
    [["nats-config", "--agents", names], /names\.txt:2: The agent's name "a\.b" is invalid/],
    [["nats-config", "--agents", names, "--nats-listen", "0.0.0.0:4222"], /open to the network: add --tls-cert/],
    [["nats-config", "--agents", names, "--tls-cert", "x"], /work only together/],
    [["nats-config", "--agents", names, "--server-name", "n"], /A cluster needs --server-name NAME, --cluster/],
    [[...cluster, "127.0.0.1:1", "--server-name", "../n"], /--server-name "\.\.\/n" is invalid/],
    [[...cluster, "0.0.0.0:1", "--server-name", "n"], /open to the network: add --tls-ca/],
    [[...cluster, "127.0.0.1:1", "--server-name", "n", "--route", "x"], /--route "x" is invalid/],
    [[...cluster, "127.0.0.1:1", "--server-name", "n", "--tls-ca", "x"], /--tls-ca has no certificate to verify/],
    [["nats-config", "--agents", names, "--hub-name", "../h"], /--hub-name: The hub's name "\.\.\/h" is invalid/],
    [["nats-config", "--agents", names, "--hub-name", "h", "--hub-name", "h"], /--hub-name "h" is given twice/],
  ];
  const ended = await runEach(cases.map(([args]) => ["fleet", ...args]), command());
  for (const [i, { code, stdout, stderr }] of ended.entries()) {
    assertMatch(stderr, cases[i][1]);
    assertEquals([code, stdout], [3, ""], stderr);
    assert(!stderr.includes("secret"));
  }
});
