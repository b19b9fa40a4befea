/** Exit statuses, by the results of the checks. */

import { assertEquals } from "@std/assert";
import { COMMAND } from "../../tests/support/command.ts";
import { closedPort, OpenPort } from "../../tests/support/listener.ts";
import { namespaceTest, UNSHARE } from "../../tests/support/namespace.ts";
import { run } from "../../tests/support/shared_command.ts";

Deno.test("tcp-checker has the exit statuses of fping", async () => {
  using open = new OpenPort("::1");
  const closed = closedPort("::1");
  // With -6 an IPv4 address counts as a name without addresses.
  const [missing, ownFault] = ["127.0.0.1:80", "[fe80::1%nosuch0]:9"];
  const code = async (...args: string[]) => (await run(["-q", "-6", ...args])).code;
  assertEquals(await code(open.target), 0);
  assertEquals(await code(open.target, closed), 1);
  assertEquals(await code(open.target, closed, missing), 2);
  assertEquals(await code(open.target, closed, missing, ownFault), 4);
  assertEquals(await code("--min-up", "1", open.target, closed, missing, ownFault), 0);
  assertEquals(await code("--min-up", "2", open.target, closed), 1);
  assertEquals(await code("--min-up", "2", open.target), 1);
  assertEquals(await code("--min-up", "2", open.target, missing), 2);
  for (const mode of [["-n", "2"], ["-i", "1", "-n", "2"], ["watch", "-n", "1"]]) {
    assertEquals(await code(...mode, open.target), 0);
    assertEquals(await code(...mode, open.target, missing), 2);
    assertEquals(await code(...mode, "--min-up", "1", open.target, missing), 0);
  }
});

Deno.test("tcp-checker scan ends with 0 when all checks were made, whether or not targets are up", async () => {
  using open = new OpenPort();
  const [closed, ownFault] = [closedPort(), "[fe80::1%nosuch0]:9"];
  const code = async (...args: string[]) => (await run(["scan", "-q", ...args])).code;
  assertEquals(await code(closed), 0);
  assertEquals(await code(closed, "[::1]:80", "-4"), 0);
  assertEquals(await code(closed, ownFault), 4);
  assertEquals(await code(open.target, closed, "--min-up", "1"), 0);
  assertEquals(await code(closed, "--min-up", "1"), 1);
  assertEquals((await run(["scan", "-q", "-"], COMMAND, `${closed}\nlocalhost\n`)).code, 3);
});

namespaceTest("tcp-checker distinguishes a prohibited route from an unreachable one", async () => {
  const shell = "ip link set lo up; ip route add prohibit 198.51.100.1; ip route add unreachable 198.51.100.2; ";
  const command = [...UNSHARE, "sh", "-euc", `${shell} exec "$@"`, "sh", ...COMMAND];
  const local = await run(["198.51.100.1:80"], command);
  assertEquals([local.code, local.stdout], [4, "198.51.100.1:80  local-error  EACCES\n"]);
  const unreachable = await run(["198.51.100.2:80"], command);
  assertEquals([unreachable.code, unreachable.stdout], [1, "198.51.100.2:80  unreachable  EHOSTUNREACH\n"]);
});
