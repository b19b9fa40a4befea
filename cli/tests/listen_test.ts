/** `tcp-checker monitor --listen` as a process that may listen on its address. */

import { assertEquals, assertMatch } from "@std/assert";
import { commandWith, run, RunningCommand } from "../../tests/support/command.ts";
import { OpenPort } from "../../tests/support/listener.ts";

const COMMAND = commandWith("--allow-net=127.0.0.1");

/** Waits until the command listens, and returns its URL. */
async function urlOf(command: RunningCommand): Promise<string> {
  const text = await command.stderr.until(/listening on (\S+)\n/);
  return `http://${/listening on (\S+)\n/.exec(text)![1]}`;
}

async function read(url: string): Promise<string> {
  return await (await fetch(url)).text();
}

Deno.test("tcp-checker monitor TARGET --listen serves metrics and health until SIGTERM", async () => {
  using open = new OpenPort();
  const command = new RunningCommand(["monitor", open.target, "-i", "50ms", "--listen", "127.0.0.1:0"], COMMAND);
  const url = await urlOf(command);
  assertEquals(await read(`${url}/-/healthy`), "Healthy\n");
  await command.stdout.until(/ {2}up {2}/);
  assertMatch(await read(`${url}/metrics`), /^tcp_checker_up\{.*\} 1$/m);
  command.kill("SIGTERM");
  assertEquals((await command.ended()).code, 0);
});

Deno.test("tcp-checker monitor --config FILE --listen serves the agent's metrics", async () => {
  using open = new OpenPort();
  const path = await Deno.makeTempFile({ suffix: ".yml" });
  await Deno.writeTextFile(path, `monitor: { interval: 50ms }\ntargets: ["${open.target}"]\n`);
  const args = ["monitor", "--config", path, "--listen", "127.0.0.1:0"];
  const command = new RunningCommand(args, commandWith("--allow-net=127.0.0.1", `--allow-read=${path}`));
  const url = await urlOf(command);
  assertMatch(await read(`${url}/metrics`), /^tcp_checker_config_last_reload_successful 1$/m);
  command.kill("SIGTERM");
  assertEquals((await command.ended()).code, 0);
  await Deno.remove(path);
});

Deno.test("an unavailable listen address is an error that names the address", async () => {
  using open = new OpenPort();
  const malformed = await run(["monitor", open.target, "--listen", "9116"], COMMAND);
  assertEquals(malformed.code, 3);
  assertMatch(malformed.stderr, /Cannot listen on "9116": use an address and a port, such as 127\.0\.0\.1:9116\n/);
  const taken = await run(["monitor", open.target, "--listen", open.target], COMMAND);
  assertEquals(taken.code, 4);
  assertMatch(taken.stderr, new RegExp(`Cannot listen on ${open.target}: .*EADDRINUSE`));
});
