import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { parseCommand } from "../lib/command_line/parse_command.ts";
import type { Mode } from "../lib/mode.ts";
import { FORMAT_FLAGS, FORMATS } from "../lib/reports/formats.ts";
import { UsageError } from "../lib/usage_error.ts";
import { closedPort, OpenPort } from "../../tests/support/listener.ts";
import { run } from "../../tests/support/shared_command.ts";
import { SilentPort } from "../../tests/support/silence.ts";

/** Arguments that choose each mode. */
const MODES: Record<Exclude<Mode, "history" | "fleet" | "hub">, string[]> = {
  check: [],
  summary: ["-n", "1"],
  ping: ["-i", "1s"],
  wait: ["wait"],
  watch: ["watch"],
  scan: ["scan"],
  monitor: ["monitor"],
};

Deno.test("parseCommand() accepts each format in the modes of its entry, and rejects it in others", () => {
  for (const format of FORMAT_FLAGS) {
    const accepted = Object.entries(MODES).filter(([mode, args]) => {
      try {
        const command = parseCommand([...args, `--${format}`, "127.0.0.1:1"]);
        assert(typeof command === "object" && "mode" in command);
        assertEquals([command.mode, command.format], [mode, format]);
        return true;
      } catch (error) {
        assert(error instanceof UsageError, String(error));
        assertStringIncludes(error.message, `${FORMATS[format].short ?? `--${format}`} does not work with `);
        return false;
      }
    });
    const modes = FORMATS[format].modes ?? Object.keys(MODES);
    assertEquals(accepted.map(([mode]) => mode), modes.filter((mode) => Object.hasOwn(MODES, mode)));
  }
});

Deno.test("tcp-checker --quiet prints nothing", async () => {
  using open = new OpenPort();
  const nothing = { stdout: "", stderr: "" };
  assertEquals(await run(["-q", open.target]), { code: 0, ...nothing });
  for (const mode of [[], ["-n", "1"], ["-i", "1", "-n", "1"], ["watch", "-n", "1"]]) {
    assertEquals(await run([...mode, "-q", open.target, closedPort()]), { code: 1, ...nothing });
  }
  assertEquals(await run(["scan", "-q", open.target, closedPort()]), { code: 0, ...nothing });
});

Deno.test("tcp-checker --explain prints what was sent and received", async () => {
  using open = new OpenPort();
  const up = await run(["--explain", open.target]);
  assertMatch(
    up.stdout,
    new RegExp(
      `^${open.target}: SYN sent by the socket engine\n  SYN-ACK received, round-trip time \\d+\\.\\d{3} ms\n` +
        "  SYN-ACK has timestamps, SACK, window scale \\d+; segments of up to \\d+ bytes; a window of \\d+\n" +
        `  RST sent in place of the ACK: the application saw no connection\n  status: up, half-open\n$`,
    ),
  );
  const full = await run(["--explain", "--no-linger", open.target]);
  assertMatch(full.stdout, /the last ACK was sent, or may have been/);
  const closed = closedPort();
  const refused = await run(["--explain", closed]);
  assertMatch(
    refused.stdout,
    /^\S+: SYN sent by the socket engine\n {2}RST received \(ECONNREFUSED\) after .+: the port is closed\n {2}status: refused\n$/,
  );
  const name = await run(["--explain", `localhost:${open.port}`]);
  assertMatch(name.stdout, new RegExp(`^localhost:${open.port}: the system's resolver took .+\n`));
  assertMatch(name.stdout, new RegExp(`^127.0.0.1:${open.port}: SYN sent by the socket engine$`, "m"));
  using silent = await SilentPort.open();
  const timeout = await run(["--explain", "-t", "1300ms", silent.target]);
  assertMatch(
    timeout.stdout,
    /SYN sent \d times by the socket engine, because there was no answer\n {2}no answer within \d\.\d+s\n/,
  );
});
