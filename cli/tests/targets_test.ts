import { assert, assertEquals } from "@std/assert";
import { parseCommand } from "../lib/command_line/parse_command.ts";
import { commandAllowed, commandWith } from "../../tests/support/command.ts";
import { engineTest } from "../../tests/support/engines.ts";
import { OpenPort } from "../../tests/support/listener.ts";
import { run } from "../../tests/support/shared_command.ts";

/** Runs the command, and returns the targets of its lines, in order. */
async function checked(args: string[], stdin?: string, command?: readonly string[]): Promise<string[]> {
  const { stdout } = await run(args, command, stdin);
  return stdout.split("\n").slice(0, -1).map((line) => line.split(" ")[0]);
}

Deno.test("tcp-checker expands lists and ranges of ports", async () => {
  assertEquals(await checked(["127.0.0.1:2,1,5-7", "[::1]:1-2"]), [
    ...[2, 1, 5, 6, 7].map((port) => `127.0.0.1:${port}`),
    "[::1]:1",
    "[::1]:2",
  ]);
});

Deno.test("tcp-checker expands networks of both families", async () => {
  // Any address of the network is accepted, as in other tools.
  assertEquals(await checked(["127.0.0.6/30:1"]), [4, 5, 6, 7].map((n) => `127.0.0.${n}:1`));
  assertEquals(await checked(["127.0.0.254/31:1,3", "127.0.0.1/32:1"]), [
    "127.0.0.254:1",
    "127.0.0.254:3",
    "127.0.0.255:1",
    "127.0.0.255:3",
    "127.0.0.1:1",
  ]);
  const expected = ["[::ffff:127.0.0.0]:1", "[::ffff:127.0.0.1]:1"].map(canonical);
  assertEquals(await checked(["[::ffff:127.0.0.1]/127:1"]), expected);
  assertEquals(await checked(["[::ffff:127.0.0.1/127]:1"]), expected);
});

Deno.test("Targets stop reading a file after a signal", async () => {
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, "127.0.0.1:1\n127.0.0.1:2\n");
    const code = `
      import { parseCommand } from "./cli/lib/command_line/parse_command.ts";
      import { Targets } from "./cli/lib/targets/targets.ts";
      const end = new AbortController();
      const { sources } = parseCommand(["-f", ${JSON.stringify(file)}]);
      for await (const { text } of await Targets.open(sources, end.signal)) {
        console.log(text);
        end.abort();
      }
      Deno.exit();
    `;
    const { stdout } = await run([], [...commandWith("--allow-read").slice(0, -1), "-"], code);
    assertEquals(stdout, "127.0.0.1:1\n");
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("tcp-checker -p sets the ports of hosts without one", async () => {
  assertEquals(await checked(["-p", "1-2", "127.0.0.1", "127.0.0.2:9", "127.0.0.4/31", "::1", "[::1]"]), [
    "127.0.0.1:1",
    "127.0.0.1:2",
    "127.0.0.2:9",
    "127.0.0.4:1",
    "127.0.0.4:2",
    "127.0.0.5:1",
    "127.0.0.5:2",
    "[::1]:1",
    "[::1]:2",
    "[::1]:1",
    "[::1]:2",
  ]);
});

Deno.test("tcp-checker reads targets from files and stdin, after the arguments", async () => {
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, "\ufeff127.0.0.1:1-2\r\n  127.0.0.1:3  # a comment\r\n#127.0.0.1:4\r\n127.0.0.1:5");
    const args = ["-f", file, "-", "-a", "127.0.0.9:1", "127.0.0.9:2", "--json", "-i", "1", "-n", "1"];
    const { stdout } = await run(args, commandWith(`--allow-read=${file}`), "127.0.0.2:1\n127.0.0.2:2\n");
    const targets = stdout.split("\n").filter((line) => line.includes('"statistics"')).map((line) =>
      JSON.parse(line).target
    );
    assertEquals(targets, [
      "127.0.0.9:1",
      "127.0.0.9:2",
      ...[1, 2, 3, 5].map((port) => `127.0.0.1:${port}`),
      "127.0.0.2:1",
      "127.0.0.2:2",
    ]);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("tcp-checker needs no permission for stdin, under any of its paths", async () => {
  for (const path of ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"]) {
    assertEquals(await checked(["-f", path], "127.0.0.1:1\n"), ["127.0.0.1:1"]);
  }
});

Deno.test("parseCommand() treats the name of a mode as a host if it has a port, or is not the first argument", () => {
  const modeOf = (...args: string[]) => {
    const command = parseCommand(args);
    assert(typeof command === "object" && "mode" in command);
    return [command.mode, ...command.sources.texts];
  };
  assertEquals(modeOf("scan:1", "watch:1"), ["check", "scan:1", "watch:1"]);
  assertEquals(modeOf("-p", "1", "scan", "scan"), ["scan", "scan"]);
  assertEquals(modeOf("-p", "1", "--", "scan"), ["check", "scan"]);
});

Deno.test("tcp-checker -4 and --resolve select the addresses of a name", async () => {
  using open = new OpenPort();
  const { port } = open;
  const families = async (...args: string[]) => {
    const { stdout } = await run(["--json", ...args, `localhost:${port}`, `127.0.0.1:${port}`]);
    return stdout.split("\n").slice(0, -1).map((line) => JSON.parse(line)).filter(({ host }) => host === "localhost")
      .map(({ family, status }) => `${family} ${status}`).sort();
  };
  assertEquals(await families("-4"), ["4 up"]);
  assertEquals((await families("--resolve", "all")).includes("4 up"), true);
  assertEquals(await families("--resolve", "any"), ["4 up"]);
});

engineTest("tcp-checker --rate limits the checks per second", async ({ name, permission }) => {
  const [checks, rate, burst] = [100, 50, 10];
  const startedAt = performance.now();
  const args = ["--engine", name, "--rate", String(rate), `127.0.0.1:1-${checks}`];
  const { stdout } = await run(args, commandAllowed(permission));
  assertEquals(stdout.split("\n").length - 1, checks);
  const least = (checks - 1) / rate * 1000 - burst;
  assertEquals(performance.now() - startedAt >= least, true);
});

function canonical(target: string): string {
  const [, host, port] = target.match(/^(\[.+\])(:\d+)$/)!;
  return new URL(`http://${host}`).hostname + port;
}
