/** An agent, a hub and an administrator over TLS, with the files that `fleet nats-config` writes. */

import { assertEquals, assertMatch } from "@std/assert";
import { makeCertificate } from "../../fleet/tests/support/certificate.ts";
import { eventually } from "../../fleet/tests/support/eventually.ts";
import { NatsServer, newPlace, whyNoServer } from "../../fleet/tests/support/nats_server.ts";
import { commandWith, run, RunningCommand } from "../../tests/support/command.ts";
import { testWith } from "../../tests/support/installed.ts";
import { OpenPort } from "../../tests/support/listener.ts";

const tlsTest = whyNoServer === undefined
  ? testWith
  : (_: string[], name: string) => Deno.test({ name: `${name} (skipped: ${whyNoServer})`, ignore: true, fn: () => {} });

tlsTest(
  ["openssl"],
  "an agent, a hub and an administrator connect over TLS with the files of nats-config",
  async () => {
    using open = new OpenPort();
    const folder = await Deno.makeTempDir();
    const output = `${folder}/nats`;
    const place = newPlace();
    const { cert, key } = await makeCertificate(folder, place.hostname);
    await Deno.writeTextFile(`${folder}/agents.txt`, "a\n");
    await Deno.writeTextFile(`${folder}/targets.txt`, `${open.target}\n`);
    const files = commandWith(`--allow-read=${folder}`, `--allow-write=${folder}`);
    const network = commandWith(`--allow-read=${folder}`, `--allow-net=${place.hostname}:${place.port},127.0.0.1`);
    {
      await using server = await NatsServer.start({
        place,
        config: async ({ hostname, port }, storage) => {
          const args = ["--agents", `${folder}/agents.txt`, "--output", output, "--storage", storage];
          const tls = ["--nats-listen", `${hostname}:${port}`, "--tls-cert", cert, "--tls-key", key];
          const { code, stderr } = await run(["fleet", "nats-config", ...args, ...tls], files);
          assertEquals(code, 0, stderr);
          return await Deno.readTextFile(`${output}/nats.conf`);
        },
      });
      const url = server.url.replace("nats:", "tls:");
      const options = (user: string) => ["--fleet", url, "--ca", cert, "--seed-file", `${output}/${user}.nk`];
      const apply = ["fleet", "apply", `${folder}/targets.txt`, "--witnesses", "1", "--yes"];
      const applied = await run([...apply, ...options("admin")], network);
      assertMatch(applied.stdout, /is in force: 1 target\n$/, applied.stderr);

      const hub = new RunningCommand(["hub", ...options("hub-hub")], network);
      const agent = new RunningCommand(
        ["monitor", "--agent", "a", "--zone", "z", "--lease", "2s", "--quiet", ...options("agent-a")],
        network,
      );
      await hub.stdout.until(new RegExp(` up {2}${open.target} {2}one witness`));
      const status = await eventually(
        () => run(["fleet", "status", ...options("admin")], network),
        ({ code }) => code === 0,
      );
      assertMatch(status.stdout, /^agent a {2}z {2}1 target\n1 agent, 1 up, 0 down, 0 unknown, list [\da-f]{12}\n$/);

      // Without the CA the client rejects the server's certificate; without TLS it rejects the server.
      for (const args of [["--fleet", url], ["--fleet", server.url]]) {
        const refused = await run(["fleet", "status", "--seed-file", `${output}/admin.nk`, ...args], network);
        assertEquals([refused.code, refused.stdout], [4, ""], refused.stderr);
      }
      for (const command of [agent, hub]) {
        command.kill("SIGTERM");
        assertEquals((await command.ended()).code, 0);
      }
      assertEquals(/Authorization Violation|Permissions Violation/.test(server.log.text), false);
    }
    await Deno.remove(folder, { recursive: true });
  },
);
