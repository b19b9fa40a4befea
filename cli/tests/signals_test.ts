/** SIGHUP, which the kernel sends when a terminal is closed. */

import { assertEquals } from "@std/assert";
import { COMMAND, RunningCommand } from "../../tests/support/command.ts";
import { OpenPort } from "../../tests/support/listener.ts";
import { SilentPort } from "../../tests/support/silence.ts";
import { Terminal } from "../../tests/support/terminal.ts";

Deno.test("tcp-checker ignores SIGHUP under nohup, in all modes without an end", async (t) => {
  using open = new OpenPort();
  for (const args of [["-i", "1ms"], ["watch", "-i", "10ms", "--json"], ["scan", "-p", "1-60000", "127.0.0.1"]]) {
    await t.step(args.join(" "), async () => {
      const command = new RunningCommand([...args, open.target], ["nohup", ...COMMAND]);
      const before = await command.stdout.until(/\n/);
      command.kill("SIGHUP");
      command.kill("SIGHUP");
      // watch prints nothing while nothing changes.
      if (args[0] !== "watch") await command.stdout.until(new RegExp(`(?:.*\n){${before.split("\n").length + 500}}`));
      command.kill("SIGTERM");
      assertEquals((await command.ended()).code, 143);
    });
  }
});

Deno.test("tcp-checker ends with status 129 when its terminal is closed", async (t) => {
  using open = new OpenPort();
  using silent = await SilentPort.open();
  const { target } = open;
  const modes = [
    [target, silent.target, "-t", "1h"],
    [target, "-i", "10ms"],
    ["watch", target, "-i", "10ms"],
    ["wait", target, silent.target, "-t", "1h", "--deadline", "1h"],
  ];
  for (const args of modes) {
    await t.step(args.join(" "), async () => {
      const folder = await Deno.makeTempDir();
      try {
        // The kernel sends SIGHUP to the session leader, and to the other processes when the leader ends.
        const shell = ["sh", "-c", '"$@"; exit', "sh"];
        const script = 'mkfifo "$0/status"; trap "" HUP; "$@" 2> "$0/stderr"; echo $? > "$0/status"';
        const command = [...shell, "sh", "-c", script, folder, ...COMMAND];
        using terminal = new Terminal(args, { command });
        await terminal.until(new RegExp(`${target} +up `));
        const status = Deno.readTextFile(`${folder}/status`);
        await terminal.hangUp();
        assertEquals(await status, "129\n");
        assertEquals(await Deno.readTextFile(`${folder}/stderr`), "");
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    });
  }
});
