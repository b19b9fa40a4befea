/** `tcp-checker monitor --config` as a process that may only read its file. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { commandWith, run, RunningCommand } from "../../tests/support/command.ts";
import { closedPort, OpenPort } from "../../tests/support/listener.ts";
import { Receiver } from "../../monitor/tests/support/receiver.ts";
import { AgentFile, FAST } from "./support/agent_file.ts";

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  Deno.test(`tcp-checker monitor --config prints events until ${signal}, and exits with 0`, async () => {
    using open = new OpenPort();
    await using file = new AgentFile(`${FAST}targets: ["${open.target}"]`);
    const command = new RunningCommand(file.args, file.command());
    await command.stdout.until(/ {2}up {2}/);
    command.kill(signal);
    const { code, stderr } = await command.ended();
    assertEquals(code, 0);
    assertMatch(stderr, /^1 up, 0 down/);
  });
}

Deno.test("tcp-checker monitor --config reloads its file on SIGHUP, and keeps the old one if the new one is invalid", async () => {
  using open = new OpenPort();
  const closed = closedPort();
  await using file = new AgentFile(`${FAST}targets: ["${open.target}"]`);
  const command = new RunningCommand(file.args, file.command());
  await command.stdout.until(/ {2}up {2}/);
  file.write("targets: [5]");
  command.kill("SIGHUP");
  const text = await command.stderr.until(/stays in force/);
  assertStringIncludes(text, `${file.path}:1:11: targets[0]: must be "host:port" or a mapping, it is 5\n`);
  file.write(`${FAST}targets: ["${open.target}", "${closed}"]`);
  command.kill("SIGHUP");
  await command.stderr.until(/reloaded \S+: 2 targets/);
  await command.stdout.until(new RegExp(`  down  ${closed}  `));
  command.kill("SIGTERM");
  assertEquals((await command.ended()).code, 0);
});

Deno.test("a reload by POST prints the same as a reload by SIGHUP, and its response names the file", async () => {
  const serve = "serve: { listen: '127.0.0.1:0', write_token: secret }\n";
  await using file = new AgentFile(serve);
  const command = new RunningCommand(file.args, file.command("--allow-net=127.0.0.1:0"));
  const [, address] = /listening on (\S+)\n/.exec(await command.stderr.until(/listening on \S+\n/))!;
  const reload = async () => {
    const headers = { Authorization: "Bearer secret" };
    const response = await fetch(`http://${address}/-/reload`, { method: "POST", headers });
    return [response.status, await response.text()];
  };
  assertEquals(await reload(), [200, "The configuration was reloaded\n"]);
  await command.stderr.until(/reloaded \S+: 0 targets/);
  file.write(`${serve}targets: [5]`);
  const problem = `${file.path}:2:11: targets[0]: must be "host:port" or a mapping, it is 5\n`;
  assertEquals(await reload(), [400, problem]);
  assertStringIncludes(await command.stderr.until(/stays in force/), problem);
  command.kill("SIGTERM");
  assertEquals((await command.ended()).code, 0);
});

Deno.test("tcp-checker monitor --config prints all problems of an invalid file, and exits with 3", async () => {
  await using file = new AgentFile("targets: [5]\nmonitor: { rise: no }");
  for (const args of [file.args, [...file.args, "--check-config"]]) {
    const { code, stdout, stderr } = await run(args, file.command());
    assertEquals([code, stdout, stderr.trimEnd().split("\n").length], [3, "", 2]);
  }
});

Deno.test("tcp-checker monitor --check-config prints counts, and shows no secret", async () => {
  await using file = new AgentFile("targets: [127.0.0.1:1]\nhttp_sd_configs: [{ url: 'http://a:s3cret@127.0.0.1/' }]");
  // Without --allow-ffi the command can check nothing.
  const command = file.command().filter((part) => part !== "--allow-ffi");
  assertEquals(await run([...file.args, "--check-config"], command), {
    code: 0,
    stdout: `${file.path} is valid: 1 target, 1 target list, 0 groups, 0 sinks\n`,
    stderr: "",
  });
});

Deno.test("tcp-checker monitor --check-config reads the files of target lists", async () => {
  await using file = new AgentFile("");
  const [good, bad, missing] = ["good.txt", "bad.json", "missing.txt"].map((name) => `${file.folder}/${name}`);
  Deno.writeTextFileSync(good, "127.0.0.1:1\n");
  Deno.writeTextFileSync(bad, '[{ "targets": ["127.0.0.1"] }]');
  const command = file.command(`--allow-read=${file.folder}`);
  file.write(`target_files: [{ files: ["${good}"] }]\n`);
  assertEquals((await run([...file.args, "--check-config"], command)).code, 0);
  file.write(
    `target_files: [{ files: ["${good}"] }, { files: ["${missing}"] }]\nfile_sd_configs: [{ files: ["${bad}"] }]\n`,
  );
  const { code, stderr } = await run([...file.args, "--check-config"], command);
  const start = `${file.path}: Cannot read the target list`;
  assertEquals([code, stderr.split("\n").map((line) => line.split(": it has no port")[0])], [3, [
    `${start} ${bad}: "${bad}": "127.0.0.1": Cannot check "127.0.0.1"`,
    `${start} ${missing}: "${missing}": there is no such file`,
    "",
  ]]);
});

Deno.test("a configuration that checks nothing is valid, with a warning at the start, the reload and the check", async () => {
  await using file = new AgentFile("");
  const warning = `tcp-checker: ${file.path} has no targets, no target lists and no probe: nothing is checked\n`;
  const checked = await run([...file.args, "--check-config"], file.command());
  assertEquals([checked.code, checked.stderr], [0, warning]);
  const command = new RunningCommand(file.args, file.command());
  await command.stderr.until(/nothing is checked/);
  file.write("# nothing yet\n");
  command.kill("SIGHUP");
  await command.stderr.until(/reloaded \S+: 0 targets/);
  command.kill("SIGTERM");
  const { code, stderr } = await command.ended();
  assertEquals([code, stderr.split(warning).length - 1], [0, 2]);
});

Deno.test("SIGTERM sends the queued messages of sinks, but does not wait for an unresponsive receiver", async () => {
  const released = Promise.withResolvers<Response>();
  let isTerminated = false;
  // The receiver answers nothing before the signal, so an alert is pending at that time.
  await using flaky = new Receiver(() => new Response(null, { status: isTerminated ? 200 : 503 }));
  await using dead = new Receiver(() => released.promise);
  const sinks = [flaky, dead].map(({ url }) => `{ type: webhook, url: "${url}", wait: 0s, timeout: 1h }`);
  await using file = new AgentFile(`${FAST}targets: ["${closedPort()}"]\nsinks: [${sinks.join(", ")}]`);
  const hosts = [flaky, dead].map(({ port }) => `127.0.0.1:${port}`);
  const command = new RunningCommand(file.args, file.command(`--allow-net=${hosts.join(",")}`));
  await Promise.all([flaky.until(1), dead.until(1)]);
  const before = flaky.posted.length;
  isTerminated = true;
  command.kill("SIGTERM");
  const { code, stderr } = await command.ended();
  released.resolve(new Response());
  assertEquals(code, 0, stderr);
  assertStringIncludes(stderr, `127.0.0.1:${dead.port} did not answer before the end of the monitor`);
  const [first] = flaky.posted;
  assertEquals(flaky.posted.length, before + 1);
  assertEquals(flaky.posted.at(-1)!.body, first.body);
  assertEquals(first.body.status, "firing");
});

Deno.test("SIGTERM ends the start while a list is being read", async () => {
  await using file = new AgentFile("");
  const fifo = `${file.folder}/targets`;
  await new Deno.Command("mkfifo", { args: [fifo] }).output();
  file.write(`target_files: [{ files: ["${fifo}"] }]\n`);
  const command = new RunningCommand(file.args, file.command(`--allow-read=${file.folder}`));
  // open() returns when the command opens the FIFO to read.
  using _writer = await Deno.open(fifo, { write: true });
  command.kill("SIGTERM");
  const { code, stderr } = await command.ended();
  assertEquals(code, 0);
  assertStringIncludes(stderr, "did not end within 1.45 s: ");
});

Deno.test("tcp-checker monitor --config kills a program of a sink that does not end", async () => {
  await using file = new AgentFile("");
  const program = `${file.folder}/notify`;
  Deno.writeTextFileSync(
    program,
    `#!/bin/sh\necho $$ >${file.folder}/pid.new\nmv ${file.folder}/pid.new ${file.folder}/pid\nexec sleep 3600\n`,
  );
  Deno.chmodSync(program, 0o755);
  file.write(`${FAST}targets: ["${closedPort()}"]\nsinks: [{ type: exec, program: "${program}", timeout: 1h }]`);
  using watcher = Deno.watchFs(file.folder);
  const command = new RunningCommand(file.args, file.command(`--allow-run=${program}`));
  for await (const { paths } of watcher) if (paths.some((path) => path.endsWith("/pid"))) break;
  command.kill("SIGTERM");
  assertEquals((await command.ended()).code, 0);
  const pid = Number(Deno.readTextFileSync(`${file.folder}/pid`));
  // A zombie that init has not reaped yet has an empty command line.
  const left = await Deno.readTextFile(`/proc/${pid}/cmdline`).catch(() => "");
  assertEquals(left, "");
});

Deno.test("tcp-checker monitor --config exits with 4 without the permission to check", async () => {
  await using file = new AgentFile("targets: [127.0.0.1:1]");
  const { code, stderr } = await run(file.args, file.command().filter((part) => part !== "--allow-ffi"));
  assertMatch(stderr, /--allow-ffi/);
  assertEquals(code, 4);
});

for (
  const [args, message] of [
    [["--config", "missing.yml"], "Cannot read the configuration"],
    [["--check-config", "127.0.0.1:1"], "--check-config has no file: add --config FILE"],
    [["--config", "a.yml", "127.0.0.1:1"], 'The target "127.0.0.1:1" does not work with --config'],
    [["--config", "a.yml", "--rise", "3"], "--rise does not work with --config: write it into the file"],
  ] as const
) {
  Deno.test(`tcp-checker monitor ${args.join(" ")} is rejected`, async () => {
    const { code, stderr } = await run(["monitor", ...args], commandWith("--allow-read=."));
    assertStringIncludes(stderr, message);
    assertEquals(code, 3);
  });
}
