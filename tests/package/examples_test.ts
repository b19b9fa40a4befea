import { assertEquals, assertMatch } from "@std/assert";
import { closedPort, OpenPort } from "../support/listener.ts";
import { namespaceTest, UNSHARE } from "../support/namespace.ts";
import { SilentPort } from "../support/silence.ts";

function start(example: string, args: string[], flags: string[] = [], under: string[] = []): Deno.ChildProcess {
  const path = new URL(`../../examples/${example}`, import.meta.url).pathname;
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const deno = [Deno.execPath(), "run", "--no-prompt", `--config=${config}`, "--allow-ffi", ...flags];
  const [program, ...first] = [...under, ...deno];
  const command = new Deno.Command(program, {
    args: [...first, path, ...args],
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "inherit",
  });
  return command.spawn();
}

async function output(example: string, ...args: string[]): Promise<string> {
  const { code, stdout } = await start(example, args).output();
  assertEquals(code, 0);
  return new TextDecoder().decode(stdout);
}

Deno.test("the quick start prints the outcome of a check", async () => {
  using open = new OpenPort();
  using silent = await SilentPort.open();
  const closed = closedPort();
  assertMatch(await output("quick_start.ts", open.target), /^127\.0\.0\.1:\d+ answered in [\d.]+ ms\n$/);
  assertEquals(await output("quick_start.ts", closed), `${closed} is refused: ECONNREFUSED\n`);
  assertMatch(await output("quick_start.ts", silent.target), /did not answer in \d{4,} ms\n$/);
});

namespaceTest("the quick start reports a name without address", async () => {
  // In its own network, where no name server can be reached.
  const { code, stdout } = await start("quick_start.ts", ["name.invalid:80"], [], [...UNSHARE]).output();
  assertMatch(new TextDecoder().decode(stdout), /^name\.invalid:80 has no address: EAI_/);
  assertEquals(code, 0);
});

Deno.test("many targets are counted", async () => {
  using open = new OpenPort();
  const closed = closedPort();
  const lines = await output("many_targets.ts", open.target, closed, closed);
  assertEquals(
    lines,
    `${open.target} is up\n{ refused: 2, up: 1 }\n`.replace("{ refused: 2, up: 1 }", lastLine(lines)),
  );
  assertEquals(lastLine(lines).match(/\w+: \d/g)!.sort(), ["refused: 2", "up: 1"]);
});

Deno.test("cancelling ends the checks", async () => {
  using silent = await SilentPort.open();
  const cancelled = "rejected another check was faster\n".repeat(3);
  const end = "the checker has stopped, and the last check with it: AbortError\n";
  assertEquals(await output("cancelling.ts", silent.target), cancelled + end);
});

Deno.test("a server keeps a checker until SIGTERM", async () => {
  using open = new OpenPort();
  const server = start("server.ts", [open.target, closedPort()], ["--allow-net=127.0.0.1"]);
  const lines = server.stdout.pipeThrough(new TextDecoderStream());
  let url = "";
  for await (const text of lines.values({ preventCancel: true })) {
    url += text;
    if (url.includes("\n")) break;
  }
  for (let round = 0; round < 3; round++) {
    const response = await fetch(url.match(/http:\S+/)![0]);
    assertEquals(response.status, 200);
    const results = await response.json();
    assertEquals(results.map(({ status }: { status: string }) => status), ["up", "refused"]);
  }
  server.kill("SIGTERM");
  assertEquals((await server.status).code, 0);
  await lines.cancel();
});

function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1)!;
}
