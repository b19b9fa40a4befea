import { assertEquals, assertMatch } from "@std/assert";
import { commandAllowed, run } from "../../tests/support/command.ts";
import { closedPort, OpenPort } from "../../tests/support/listener.ts";

const WAYS: [way: string, command: string[], args: string[]][] = [
  ["--no-linger", commandAllowed("--allow-ffi"), ["--no-linger"]],
  ["--engine connect", commandAllowed("--allow-net"), ["--engine", "connect"]],
];

for (const [way, command, args] of WAYS) {
  Deno.test(`tcp-checker ${way} counts only targets that are up as full connects`, async () => {
    using open = new OpenPort();
    const targets = [open.target, closedPort(), closedPort()];
    const summary = await run([...args, "-n", "2", ...targets], command);
    assertMatch(summary.stdout, /\n {2}Errors: refused 4, unreachable 0, timeout 0, other 0\n {2}Full connects: 2\n$/);
    const { stdout } = await run([...args, ...targets], command);
    const warned = stdout.split("\n").slice(0, -1).map((line) => /(\w+) +\S.*?( full connect)?$/.exec(line)![2]);
    assertEquals(warned, [" full connect", undefined, undefined]);
    const none = await run([...args, "-a", targets[1]], command);
    assertMatch(none.stdout, /other 0\n$/);
  });
}
