import { assertEquals, assertMatch } from "@std/assert";
import { commandWith, run } from "../../tests/support/command.ts";
import { namespaceTest, UNSHARE } from "../../tests/support/namespace.ts";

namespaceTest("tcp-checker reports a name that a DNS filter blocks as unresolved, with the code SINKHOLE", async () => {
  const hosts = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(hosts, "0.0.0.0 blocked.example\n:: blocked.example\n");
    const shell = [...UNSHARE, "sh", "-euc", 'mount --bind "$0" /etc/hosts; exec "$@"', hosts];
    const check = (...args: string[]) => run([...args, "blocked.example:80"], [...shell, ...commandWith()]);
    const line = await check();
    assertEquals([line.code, line.stdout], [
      2,
      "blocked.example:80  unresolved  SINKHOLE (only 0.0.0.0 or ::)\n",
    ]);
    const { status, code, address } = JSON.parse((await check("--json")).stdout);
    assertEquals([status, code, address], ["unresolved", "SINKHOLE", undefined]);
    assertMatch((await check("--explain")).stdout, /only 0\.0\.0\.0 or ::, as DNS filters do .+no SYN sent/);
    // Without an address the target is down.
    assertEquals((await check("wait", "-q", "--expect", "down")).code, 0);
  } finally {
    await Deno.remove(hosts);
  }
});
