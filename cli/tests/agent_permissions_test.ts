/** The permissions of `tcp-checker monitor --config`: each feature needs its own, and no other. */

import { assertEquals, assertMatch } from "@std/assert";
import { RunningCommand } from "../../tests/support/command.ts";
import { closedPort, OpenPort } from "../../tests/support/listener.ts";
import { makeCertificate } from "../../monitor/tests/support/certificate.ts";
import { Receiver } from "../../monitor/tests/support/receiver.ts";
import { AgentFile, FAST } from "./support/agent_file.ts";

Deno.test("each feature of a configuration needs the permission that docs/configuration.md names, and no other", async () => {
  using open = new OpenPort();
  await using inventory = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => Response.json([{ targets: [closedPort()] }]),
  );
  const host = `127.0.0.1:${inventory.addr.port}`;
  await using file = new AgentFile("");
  const lists = `${file.folder}/lists`;
  Deno.mkdirSync(lists);
  Deno.writeTextFileSync(`${lists}/a.json`, "[]");
  Deno.writeTextFileSync(`${file.folder}/token`, "s3cret\n");
  Deno.writeTextFileSync(`${file.folder}/blackbox.yml`, "modules: { tcp_connect: { prober: tcp } }\n");
  await makeCertificate(file.folder, "localhost");
  const [cert, key] = ["cert", "key"].map((name) => `${file.folder}/${name}.pem`);
  Deno.env.set("TCP_CHECKER_TEST", "core");
  for (
    const [text, flag] of [
      [`file_sd_configs: [{ files: ["${lists}/*.json"] }]`, `--allow-read=${lists}`],
      [`target_files: [{ files: ["${lists}/*.txt"] }]`, `--allow-read=${lists}`],
      [`http_sd_configs: [{ url: "http://${host}/" }]`, `--allow-net=${host}`],
      [`serve: { read_token_file: "${file.folder}/token" }`, `--allow-read=${file.folder}/token`],
      [`serve: { tls: { cert_file: "${cert}", key_file: "${key}" } }`, `--allow-read=${cert},${key}`],
      [
        `probe: { allow: [127.0.0.0/8], modules_file: "${file.folder}/blackbox.yml" }`,
        `--allow-read=${file.folder}/blackbox.yml`,
      ],
      ["serve: { listen: 127.0.0.1:0 }", "--allow-net=127.0.0.1:0"],
      ['groups: { web: { labels: { team: "${TCP_CHECKER_TEST}" } } }', "--allow-env=TCP_CHECKER_TEST"],
      ["sinks: [{ type: agent_check, listen: 127.0.0.1:0 }]", "--allow-net=127.0.0.1:0"],
    ]
  ) {
    file.write(`${FAST}targets: ["${open.target}"]\n${text}`);
    assertMatch(await complaint(file.args, file.command()), /^tcp-checker: .*Requires|: Cannot read .*Requires/m, text);
    assertEquals(await complaint(file.args, withFlag(file.command(), flag)), "", text);
  }
});

for (const type of ["webhook", "alertmanager"] as const) {
  Deno.test(`the sink ${type} needs the permission that docs/configuration.md names, and no other`, async () => {
    await using receiver = new Receiver();
    const sink = type === "webhook"
      ? `{ type: webhook, url: "${receiver.url}", wait: 0s }`
      : `{ type: alertmanager, alertmanagers: [{ url: "${receiver.url}" }], wait: 0s }`;
    await using file = new AgentFile(`${FAST}targets: ["${closedPort()}"]\nsinks: [${sink}]`);
    const powerless = new RunningCommand(file.args, file.command());
    await powerless.stderr.until(/Requires net access|can't be reached/);
    powerless.kill("SIGTERM");
    assertEquals([(await powerless.ended()).code, receiver.posted.length], [0, 0]);
    const command = new RunningCommand(file.args, file.command(`--allow-net=127.0.0.1:${receiver.port}`));
    await receiver.until(1);
    command.kill("SIGTERM");
    const { code, stderr } = await command.ended();
    assertEquals([code, stderr.replace(/^\d+ up, [^]*$/m, "")], [0, ""]);
  });
}

Deno.test("the sink exec needs the permission that docs/configuration.md names, and no other", async () => {
  await using file = new AgentFile("");
  const program = `${file.folder}/notify`;
  Deno.writeTextFileSync(program, `#!/bin/sh\ntouch ${file.folder}/ran\n`);
  Deno.chmodSync(program, 0o755);
  file.write(`${FAST}targets: ["${closedPort()}"]\nsinks: [{ type: exec, program: "${program}" }]`);
  const powerless = new RunningCommand(file.args, file.command());
  await powerless.stderr.until(/Requires run access/);
  powerless.kill("SIGTERM");
  assertEquals((await powerless.ended()).code, 0);
  using watcher = Deno.watchFs(file.folder);
  const command = new RunningCommand(file.args, file.command(`--allow-run=${program}`));
  for await (const { paths } of watcher) if (paths.some((path) => path.endsWith("/ran"))) break;
  command.kill("SIGTERM");
  const { code, stderr } = await command.ended();
  assertEquals([code, stderr.replace(/^\d+ up, [^]*$/m, "")], [0, ""]);
});

/** Runs an agent until its first event or its end, and returns what it prints to stderr apart from the statistics. */
async function complaint(args: string[], command: string[]): Promise<string> {
  const running = new RunningCommand(args, command);
  // A start that fails ends the command.
  await running.stdout.until(/ {2}up {2}/).catch(() => {});
  try {
    running.kill("SIGTERM");
  } catch {
    // The process has already ended.
  }
  const { stderr } = await running.ended();
  return stderr.replace(/^\d+ up, [^]*$/m, "").replace(/^tcp-checker: listening on .*\n/m, "");
}

/** Adds a permission. Two values of one permission are one flag. */
function withFlag(command: string[], flag: string): string[] {
  const [name, value] = flag.split("=");
  const index = command.findIndex((part) => part.startsWith(`${name}=`));
  if (index < 0) return [...command.slice(0, -1), flag, command.at(-1)!];
  return command.with(index, `${command[index]},${value}`);
}
