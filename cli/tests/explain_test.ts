import { assertEquals, assertStringIncludes } from "@std/assert";
import { COMMAND, run } from "../../tests/support/command.ts";
import { LOOPBACK, namespaceTest, UNSHARE } from "../../tests/support/namespace.ts";

namespaceTest("tcp-checker --explain names a missing offer of TCP options on this host as a cause", async (t) => {
  const listen = `
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 80 });
    const [program, ...args] = Deno.args;
    const { code } = await new Deno.Command(program, { args }).spawn().status;
    Deno.exit(code);
  `;
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, listen);
    for (const offered of [0, 1]) {
      await t.step(offered === 0 ? "none" : "all", async () => {
        const sysctls = ["sack", "timestamps", "window_scaling"].map((name) => `/proc/sys/net/ipv4/tcp_${name}`);
        const setup = [LOOPBACK, ...sysctls.map((path) => `echo ${offered} > ${path}`), 'exec "$@"'].join("\n");
        const server = [Deno.execPath(), "run", "--allow-net", "--allow-run", file];
        const inNamespace = [...UNSHARE, "sh", "-euc", setup, "sh", ...server, ...COMMAND];
        const { code, stdout, stderr } = await run(["--explain", "127.0.0.1:80"], inNamespace);
        const has = offered === 0 ? "SYN-ACK has no options; segments" : "SYN-ACK has timestamps, SACK, window scale ";
        assertStringIncludes(stdout, has);
        assertEquals(stdout.includes("or this host offers no options: see net.ipv4.tcp_sack"), offered === 0);
        assertEquals(stdout.includes("SYN proxy"), offered === 0);
        assertEquals(stdout.includes("this is a SYN proxy"), false);
        assertEquals([code, stderr], [0, ""]);
      });
    }
  } finally {
    await Deno.remove(file);
  }
});

namespaceTest("tcp-checker --explain names a missing zone of a link-local address", async () => {
  const inNamespace = [...UNSHARE, "sh", "-euc", `${LOOPBACK}\nexec "$@"`, "sh", ...COMMAND];
  const { code, stdout } = await run(["--explain", "[fe80::1]:9"], inNamespace);
  assertStringIncludes(stdout, "a link-local address needs its interface, such as [fe80::1%eth0]:80");
  assertEquals(code, 4);
  const zoned = await run(["--explain", "[fe80::1%lo]:9"], inNamespace);
  assertEquals(zoned.stdout.includes("needs its interface"), false);
});
