import { assert, assertEquals } from "@std/assert";
import { COMMAND, commandWith, type Ended, run, RunningCommand } from "../../tests/support/command.ts";
import { FullPipe } from "../../tests/support/full_pipe.ts";
import { closedPort } from "../../tests/support/listener.ts";

/** Checks two targets, then connects to a third one. By then the line of the first one is printed. */
async function untilConnected(
  pipe: FullPipe,
  act: (command: RunningCommand) => unknown,
): Promise<{ readonly ended: Ended; readonly target: string }> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const target = closedPort();
  const targets = [target, closedPort(), `127.0.0.1:${listener.addr.port}`];
  const command = new RunningCommand(["-c", "1", "--no-linger", ...targets], pipe.command(COMMAND));
  const ended = command.ended();
  const connected = listener.accept().then((connection) => connection.close()).then(() => true, () => false);
  if (await Promise.race([connected, ended.then(() => false)])) await act(command);
  return { ended: await ended, target };
}

for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  Deno.test(`tcp-checker ends on ${signal} although its stdout is a full pipe`, async () => {
    await using pipe = await FullPipe.make();
    const { ended } = await untilConnected(pipe, (command) => command.kill(signal));
    assertEquals(ended, { code: status, stdout: "", stderr: "" });
  });
}

Deno.test("flush() writes everything to a slow reader after a signal", async () => {
  // At 100 bytes per ms the whole output takes longer than the limit for a stalled reader.
  const code = `
    import { flush, print } from "./cli/lib/output.ts";
    let taken = 0;
    Deno.stdout.write = async ({ length }) => {
      await new Promise((resolve) => setTimeout(resolve, length / 100));
      taken += length;
      return length;
    };
    print("x".repeat(100_000));
    await flush(AbortSignal.abort("lost")).catch(console.error);
    console.error(taken);
    Deno.exit();
  `;
  const { stderr } = await run([], [...commandWith().slice(0, -1), "-"], code);
  assertEquals(stderr, "100001\n");
});

for (const nonBlocking of [false, true]) {
  Deno.test(`tcp-checker waits until a full pipe is read, ${nonBlocking ? "non-blocking" : "blocking"}`, async () => {
    await using pipe = await FullPipe.make({ nonBlocking });
    let text = "";
    const { ended, target } = await untilConnected(pipe, async () => text = await pipe.read());
    assertEquals(text.split("\n").map((line) => line.split(/ +/)[1]), ["refused", "refused", "up", undefined]);
    assert(text.startsWith(`${target} `), text);
    assertEquals(ended, { code: 1, stdout: "", stderr: "" });
  });
}

Deno.test("runChecks() stops taking requests while stdout is full, until a signal", async () => {
  await using pipe = await FullPipe.make();
  const code = `
    import { runChecks } from "./cli/lib/checks.ts";
    import { parseCommand } from "./cli/lib/command_line/parse_command.ts";
    import { print } from "./cli/lib/output.ts";
    import { checkRequest } from "./cli/lib/target.ts";
    const target = { text: "", hostname: "127.0.0.1", port: ${closedPort().split(":")[1]}, isName: false };
    async function* endless() {
      for (let number = 0;; number++) yield checkRequest(target, number);
    }
    let taken = 0;
    const end = new AbortController();
    const done = runChecks(endless(), parseCommand([""]), end.signal, () => print("x".repeat(9999), taken++));
    for (let before = -1; taken === 0 || taken !== before && taken < 1000;) {
      before = taken;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    end.abort();
    await done;
    console.error(taken);
    Deno.exit();
  `;
  const { stderr } = await run([], pipe.command([...commandWith().slice(0, -1), "-"]), code);
  const taken = Number(stderr);
  assert(taken > 0 && taken < 100, stderr);
});
